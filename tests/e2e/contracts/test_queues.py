"""As in tests/adapters."""

from tests.adapters.test_queues import *  # noqa: F403 - the same promises, another engine
