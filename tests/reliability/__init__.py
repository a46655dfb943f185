"""Faults and bad inputs, each tried once on real repositories; what came of it is the document.

`declared.py` says what a fault is. `trees.py`, `damage.py`, `remotes.py`, `machine.py` and
`typed.py` each have a table of them, and how one is tried: on a copy of the same repositories
(`scene.py`), with the program in another process, which is given up when it hangs (`actor.py`).
`page.py` knows the rows of `docs/reliability.md`.
"""
