"""A page as a browser parses it: fields with their values, errors, and what is no word."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "input", "br", "img", "hr", "rect", "path", "source"})


@dataclass
class Element:
    """A start tag, and all the text inside it."""

    tag: str
    attrs: dict[str, str]
    text: str = ""
    inside: tuple["Element", ...] = ()

    def told_by(self) -> set[str]:
        """The ids of what describes it: its own, and of the groups around it."""
        ids = [each.attrs.get("aria-describedby", "") for each in (self, *self.inside)]
        return set(" ".join(ids).split())


@dataclass
class Page(HTMLParser):
    """Every element of a page, in order."""

    html: str
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.open: list[Element] = []
        self.feed(self.html)

    __hash__ = object.__hash__

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"<{tag}> has an attribute twice: {names}"
        found = {name: text or "" for name, text in attrs}
        element = Element(tag, found, inside=tuple(self.open))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: text or "" for name, text in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> ends nothing"
        assert self.open[-1].tag == tag, f"</{tag}> ends <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data

    def id(self, name: str) -> Element | None:
        """The one element of this id."""
        found = [each for each in self.elements if each.attrs.get("id") == name]
        assert len(found) <= 1, f"the id {name} is there twice"
        return found[0] if found else None

    @property
    def title(self) -> str:
        """What the tab says."""
        return next(each.text for each in self.elements if each.tag == "title")

    @property
    def values(self) -> dict[str, str]:
        """What the form would send, as it stands."""
        sent = {}
        for each in self.elements:
            name = each.attrs.get("name")
            if each.tag == "input" and name:
                if each.attrs.get("type") not in ("radio", "checkbox") or "checked" in each.attrs:
                    sent[name] = each.attrs.get("value", "")
            elif each.tag == "option" and "selected" in each.attrs:
                [select] = [around for around in each.inside if around.tag == "select"]
                sent[select.attrs["name"]] = each.attrs["value"]
        return sent

    @property
    def summary(self) -> dict[str, str]:
        """Field and message of each link in the error summary."""
        return self._links_in("error-summary")

    @property
    def questions(self) -> dict[str, str]:
        """Field and text of each link to what is asked (rule 56)."""
        return self._links_in("question")

    def _links_in(self, box: str) -> dict[str, str]:
        return {
            each.attrs["href"].removeprefix("#"): each.text
            for each in self.elements
            if each.tag == "a"
            and any(around.attrs.get("id") == box for around in each.inside)
            and each.attrs["href"].startswith("#")
        }

    def is_ours(self, tags: set[str], names: set[str]) -> None:
        """Asserts that nothing but our own markup is there."""
        assert {each.tag for each in self.elements} - tags == set()
        assert {name for each in self.elements for name in each.attrs} - names == set()
        for each in self.elements:
            if each.tag == "script":
                assert each.text == ""
                assert each.attrs["src"].startswith("/static/app.js?")
            for name in ("href", "src", "action"):
                link = each.attrs.get(name, "/")
                assert link.startswith(("/", "#", "tel:+1-877", "data:image/png;base64,")), link
                assert not link.startswith("//"), link
