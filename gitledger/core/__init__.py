"""The pure part: values and rules. No git, no clock, no environment, no input or output."""
