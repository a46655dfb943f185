"""Lets the assertions of the shared suite say as much as those of a test module."""

import pytest

pytest.register_assert_rewrite(
    *(f"tests.store.{name}" for name in ("suite", "objects", "damages", "bulk", "contention"))
)
