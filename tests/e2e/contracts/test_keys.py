"""As in tests/adapters."""

from tests.adapters.test_keys import *  # noqa: F403 - the same promises, another engine
