"""As in tests/adapters."""

from tests.adapters.test_outbox import *  # noqa: F403 - the same promises, another engine
