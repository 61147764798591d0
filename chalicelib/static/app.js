// What the page does better with JavaScript; without it everything still works.
(function () {
  "use strict";

  var SECOND_CLICK_MS = 5000;

  // An error summary, or a question, is read out at once, and the first Tab goes on from it.
  var summary = document.getElementById("error-summary") || document.getElementById("question");
  if (summary) { summary.focus(); }

  // The second click of a double click would only cost time: the server answers it the same.
  var sent = new WeakMap();
  document.addEventListener("submit", function (event) {
    var last = sent.get(event.target) || -SECOND_CLICK_MS;
    if (event.timeStamp - last < SECOND_CLICK_MS) { event.preventDefault(); return; }
    sent.set(event.target, event.timeStamp);
  });
  // Back to a page that the browser kept: it is asked for again, for the visit may be over.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) { window.location.reload(); }
  });

  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  // Two minutes before the time is over: one button gives the whole time again.
  var warning = document.getElementById("time-out");
  if (!warning || !warning.showModal) { return; }
  var failed = document.getElementById("time-out-failed");
  var timer;

  function start() {
    clearTimeout(timer);
    timer = setTimeout(function () { warning.showModal(); }, warning.dataset.afterSeconds * 1000);
  }

  // A new time is also a new picture, for the old one runs out with the old time.
  function renew(html) {
    var page = new DOMParser().parseFromString(html, "text/html");
    ["captcha-picture", "captcha-sound", "captcha-token"].forEach(function (id) {
      var old = document.getElementById(id);
      var fresh = page.getElementById(id);
      if (old && fresh) { old.replaceWith(document.adoptNode(fresh)); }
    });
  }

  function extend() {
    fetch(window.location.href, { credentials: "same-origin", cache: "no-store" })
      .then(function (answer) {
        // Sent on to another page: the time was over before the click.
        if (!answer.ok || answer.redirected) { throw new Error("not extended"); }
        return answer.text();
      })
      .then(function (html) { renew(html); warning.close(); start(); })
      .catch(function () { failed.hidden = false; });
  }

  warning.addEventListener("cancel", function (event) { event.preventDefault(); extend(); });
  document.getElementById("time-out-extend").addEventListener("click", extend);
  start();
}());
