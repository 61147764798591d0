"""As in tests/adapters."""

from tests.adapters.test_store import *  # noqa: F403 - the same promises, another engine
