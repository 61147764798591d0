"""One of each page, by its template; some in another state too."""

import re


def every_page(person):
    """What this person sees on the way through all of them."""
    miss = {"last_name": f"{person.row['last_name']} x"}
    seen = {
        "start.html": person.get("/"),
        "about.html": person.get("/about/privacy"),
        "error.html": person.get("/static/none.css"),
        "find.html": person.get("/find"),
        "find.html, a miss": person.found(**miss),
    }
    person.found()
    seen["contact.html"] = person.get("/contact")
    person.contact()
    seen["billing.html"] = person.get("/billing")
    seen["billing.html, with errors"] = person.pays("no")
    person.pays(frequency="monthly")
    seen["review.html"] = person.get("/review")
    person.submit()
    seen["done.html"] = person.get("/done")
    [mail] = person.mails
    seen["state.html"] = person.get(re.search(r"/state/\S+", mail["text"])[0])
    seen["no_state.html"] = person.get("/state/none")
    seen["recurring.html"] = person.get("/recurring")
    [mandate] = person.ask(f"/mandates/{person.enrollment_id}")
    seen["recurring.html, asked"] = person.post("/recurring", cancel=mandate["mandate_id"])
    seen["plans.html"] = person.get("/plans")
    seen["history.html"] = person.get("/history")
    seen["statement.html"] = person.get(f"/statement?enrollment_id={person.enrollment_id}")
    person.paid(frequency="monthly")  # nothing is owed any more
    seen["done.html, nothing paid"] = person.get("/done")
    for _ in range(6):
        seen["wait.html"] = person.found(**miss)
    return seen
