"""Tests of the stores; what all of them promise is asserted once, in `suite` and `contention`."""
