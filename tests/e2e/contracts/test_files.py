"""As in tests/adapters."""

from tests.adapters.test_files import *  # noqa: F403 - the same promises, another engine
