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

  // A number's boxes open when its kind is chosen, and typing into a choice's box chooses it.
  function openChosen() {
    document.querySelectorAll("[data-opens]").forEach(function (choice) {
      choice.querySelector(".choice__boxes").hidden = !choice.querySelector("[type=radio]").checked;
    });
  }

  document.querySelectorAll(".choice__boxes").forEach(function (boxes) {
    boxes.addEventListener("input", function (event) {
      if (event.target.type !== "checkbox" && event.target.value) {
        boxes.parentElement.querySelector("[type=radio]").checked = true;
      }
    });
  });

  // What is paid in all, once it is more than one plan. Nothing is said of an amount that can't be
  // read: the server tells what is wrong with it.
  var total = document.getElementById("running-total");

  function centsOf(card) {
    var chosen = card.querySelector("[name^=pay_]:checked");
    if (!chosen || chosen.value === "none") { return 0; }
    if (chosen.value === "total") { return Number(card.dataset.owedCents); }
    var typed = card.querySelector("[name^=amount_]").value.replace(/[\s$]/g, "");
    var isAmount = /\d/.test(typed) && /^(\d{1,3}(,\d{3})+|\d*)(\.\d{0,2})?$/.test(typed);
    return isAmount ? Math.round(Number(typed.replace(/,/g, "")) * 100) : NaN;
  }

  function showTotal() {
    var paid = Array.from(document.querySelectorAll("[data-owed-cents]"), centsOf)
      .filter(function (cents) { return cents !== 0; });
    var cents = paid.reduce(function (one, other) { return one + other; }, 0);
    total.hidden = paid.length < 2 || isNaN(cents);
    total.querySelector("strong").textContent =
      (cents / 100).toLocaleString("en-US", { style: "currency", currency: "USD" });
  }

  function update() {
    openChosen();
    if (total) { showTotal(); }
  }

  // At each sign that is typed: what moves the page only when a box is left would swallow the click
  // that leaves it.
  document.addEventListener("input", update);
  window.addEventListener("pageshow", update); // also after Back, when the browser has put values in
  update();

  // This page as it is now. Sent on to another one: the time was over before the click.
  function again() {
    return fetch(window.location.href, { credentials: "same-origin", cache: "no-store" })
      .then(function (answer) {
        if (!answer.ok || answer.redirected) { throw new Error("not extended"); }
        return answer.text();
      });
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

  // Another picture changes nothing else on the page; where that fails, the form is sent.
  var refresh = document.querySelector("button[name=refresh]");
  if (refresh) {
    refresh.addEventListener("click", function (event) {
      event.preventDefault();
      var answer = refresh.form.elements.captcha_answer;
      again()
        .then(function (html) { renew(html); answer.value = ""; answer.focus(); })
        .catch(function () { refresh.form.requestSubmit(refresh); });
    });
  }

  // Two minutes before the time is over: one button gives the whole time again.
  var warning = document.getElementById("time-out");
  if (!warning || !warning.showModal) { return; }
  var failed = document.getElementById("time-out-failed");
  var close = document.getElementById("time-out-close");
  var more = document.getElementById("time-out-extend");
  var began, isOver;
  var timer;

  function start() {
    clearTimeout(timer);
    began = Date.now();
    timer = setTimeout(warn, warning.dataset.afterSeconds * 1000);
  }

  // What is left is counted from the clock: timers stand still while a computer sleeps.
  function warn() {
    var whole = Number(warning.dataset.afterSeconds) + Number(warning.dataset.leftSeconds);
    warning.showModal();
    timer = setTimeout(end, Math.max(0, began + whole * 1000 - Date.now()));
  }

  function end() {
    isOver = true;
    document.getElementById("time-out-title").textContent = warning.dataset.over;
    document.getElementById("time-out-text").hidden = more.hidden = failed.hidden = true;
    document.getElementById("time-out-over").hidden = close.hidden = false;
    close.focus();
  }

  function extend() {
    again().then(function (html) { renew(html); warning.close(); start(); })
      .catch(function () { failed.hidden = isOver; close.hidden = false; });
  }

  warning.addEventListener("cancel", function (event) {
    if (!isOver) { event.preventDefault(); extend(); }
  });
  more.addEventListener("click", extend);
  close.addEventListener("click", function () { warning.close(); });
  start();
}());
