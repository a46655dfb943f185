"""What takes how long: each module is a command, `python -m benchmarks.NAME`."""
