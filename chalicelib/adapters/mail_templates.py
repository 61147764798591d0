"""Letters to members, from templates and committed facts."""

from chalicelib.adapters.catalogues import ENGLISH, translations
from chalicelib.adapters.templating import environment
from chalicelib.domain.mail import Letter, Mail


class NoAddress(RuntimeError):
    """Who sends mail must know the page's address; nobody else is told it."""


class JinjaMailTemplates:
    """`templates/mail/<kind>.{subject.txt,txt,html}`."""

    def __init__(self, *, public_url: str | None, help_phone: str, missed_month: str) -> None:
        self._always = {"base_url": public_url, "help_phone": help_phone}
        self._missed_month = missed_month

    def letter(self, mail: Mail, *, member: str | None = None, token: str | None = None) -> Letter:
        """Subject, text and HTML in the mail's language. Raises NoAddress."""
        if self._always["base_url"] is None:
            raise NoAddress("PUBLIC_URL is not set: no letter could name the page")
        # A catalogue knows our own sentence; a deployment's is in no catalogue, and stays as it is.
        missed_month = translations(mail.language).gettext(self._missed_month)
        always = {
            **self._always,
            "lang": mail.language,
            "missed_month": missed_month,
            "member": member,
            "state_path": _state_path(token, mail.language),
        }
        facts = {**always, **mail.facts}
        templates = environment(mail.language)

        def render(part: str, **more: str) -> str:
            return templates.get_template(f"mail/{mail.kind}.{part}").render({**facts, **more})

        subject = render("subject.txt").strip()
        return Letter(subject, render("txt"), render("html", subject=subject))


def _state_path(token: str | None, language: str) -> str | None:
    """Where its link leads, in the mail's own language: the page knows nobody, so it is told."""
    if token is None or language == ENGLISH:
        return token and f"/state/{token}"
    return f"/state/{token}?lang={language}"
