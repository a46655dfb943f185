"""What git's configuration says about the rules."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gitledger import settings
from gitledger.configuration import Configuration
from gitledger.core.policy import Policy
from gitledger.errors import InvalidInput


def configured(**values: str) -> Configuration:
    return Configuration([(f"gitledger.{name}", value) for name, value in values.items()])


def test_without_settings_the_rules_are_the_contracts() -> None:
    assert settings.policy(configured()) == Policy(None, False, timedelta(hours=2))
    assert settings.retention(configured()) == timedelta(days=30)


def test_each_rule_has_its_setting() -> None:
    found = settings.policy(configured(maxClaims="3", review="Always", lease="1d"))
    assert found == Policy(3, True, timedelta(days=1))
    assert settings.policy(configured(maxClaims="none", review="asked")) == Policy()
    assert settings.retention(configured(sessionRetention="2w")) == timedelta(weeks=2)


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("maxClaims", "many", "a number above 0: git config gitledger.maxClaims 3"),
        ("maxClaims", "0", "a number above 0: git config gitledger.maxClaims 3"),
        ("review", "allways", "did you mean 'always'?"),
        ("review", "7", "one of: asked, always"),
        ("lease", "soon", "write a number and s, m, h, d or w: 90s, 30m, 4h, 2d"),
    ],
)
def test_a_value_that_a_setting_cannot_have_is_named(name: str, value: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as error:
        settings.policy(configured(**{name: value}))
    assert f"gitledger.{name}" in error.value.message
    assert error.value.hint == hint
