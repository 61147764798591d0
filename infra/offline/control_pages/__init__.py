"""The control room's pages, for people."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def dollars(cents: int) -> str:
    """-$12.40."""
    return f"{'-' if cents < 0 else ''}${abs(cents) // 100:,}.{abs(cents) % 100:02}"


_pages = Environment(
    loader=PackageLoader("infra.offline", "control_pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.filters["dollars"] = dollars


def render(page: str, /, **values: Any) -> str:
    """One page as HTML."""
    return _pages.get_template(page).render(**values)
