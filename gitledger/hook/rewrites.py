"""post-rewrite: commits that others have taken the place of, after `--amend` and a rebase."""

from __future__ import annotations

from gitledger.core import trailers
from gitledger.hook.plan import Plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gitledger.core.trailers import Mention
    from gitledger.hook.place import Place
    from gitledger.hook.project import Commit
    from gitledger.ledger import Ledger


def post_rewrite(place: Place, command: str, given: str) -> list[str]:
    """Link tasks to the commits that have taken the place of theirs, all in one operation.

    Commits may say something new when they were reworded, or were made while the rebase stood
    still: that is done as after any commit.

    Args:
        place: where.
        command: what has rewritten them, `amend` or `rebase`.
        given: what git writes to the hook's standard input: a line `OLD NEW` for each commit. Where
            it is empty, as in pre-commit's framework, git's own state is looked at.
    """
    project = place.project
    pairs = [
        words
        for line in (given or project.rewritten(command)).splitlines()
        if len(words := line.split()) > 1
    ]
    fresh = set(_made_meanwhile(place, {new for _, new, *_ in pairs}))
    read = project.read(dict.fromkeys([*(each for pair in pairs for each in pair[:2]), *fresh]))
    commits = {commit.id: commit for commit in read}
    replaced: dict[str, list[Commit]] = {}
    sources: dict[str, list[Commit]] = {}
    for old, new, *_ in pairs:
        if old != new and new in commits:
            replaced.setdefault(old, []).append(commits[new])
            sources.setdefault(new, []).extend([commits[old]] if old in commits else [])
    plan = Plan(place)
    if not replaced and not fresh:
        return []
    for new, before in sources.items():
        plan.add(
            commits[new],
            completes=place.closes_now,
            earlier=named(place, before),
            links=False,
        )
    for commit_id in fresh & commits.keys():
        plan.add(commits[commit_id], completes=place.closes_now)
    move(plan, replaced, [commits[old] for old in replaced if old in commits])
    plan.wrong.clear()  # it was said when they were made
    return plan.carry_out("rewrite")


def named(place: Place, commits: Iterable[Commit]) -> dict[str, Mention]:
    """Return what commits asked for, by the whole ids of the tasks."""
    found = [
        mention for commit in commits for mention in trailers.mentions(commit.message, place.words)
    ]
    return place.resolve(found)[0] if found else {}


def heard(place: Place, commit: Commit) -> dict[str, Mention]:
    """Return what a commit asked for and got, by the whole ids of the tasks.

    What is not linked to it has not heard of it: another hook has amended it before ours was run.
    """
    asked, snapshot = named(place, [commit]), place.ledger.snapshot()
    return {
        task_id: mention
        for task_id, mention in asked.items()
        if (task := snapshot.find(task_id)) and commit.id in task.commits
    }


def move(plan: Plan, replaced: Mapping[str, Sequence[Commit]], before: Sequence[Commit]) -> None:
    """Put the links of commits that were replaced to those that are there instead.

    A task that the old message named, and the new one does not, loses the link.

    Args:
        plan: where the changes go.
        replaced: the new commits, by the ids of the old ones.
        before: the old ones, as far as they are still there.
    """
    place = plan.place
    told = {commit.id: named(place, [commit]) for commit in before}
    says = {commit.id: named(place, [commit]) for news in replaced.values() for commit in news}
    for task_id, linked in _linked(place.ledger, replaced).items():
        deed = plan.deed(task_id)
        for old in linked:
            deed.unlinks.add(old)
            for new in replaced[old]:
                if task_id in says[new.id] or task_id not in told.get(old, ()):
                    deed.links.add(new.id)


def _linked(ledger: Ledger, commits: Iterable[str]) -> dict[str, list[str]]:
    """Return the tasks that are linked to commits, by their whole ids, with which of them."""
    from gitledger.tree import ARCHIVE, TASKS, path_any_task

    wanted = list(commits)
    if not wanted:
        return {}
    tip = ledger.snapshot().commit
    # git looks through all files faster than we read the tasks.
    patterns = [word for commit in wanted for word in ("-e", commit)]
    options = ("--name-only", "-z", "--full-name", "--fixed-strings", "--no-color",
               "--no-recurse-submodules")  # fmt: skip
    asked = ("grep", *options, *patterns, tip, "--", f":/{TASKS}", f":/{ARCHIVE}")
    printed = ledger.repository.git.run(*asked, check=False).stdout.decode(errors="replace")
    found = {}
    for name in printed.split("\0")[:-1]:
        task_id = path_any_task(name.removeprefix(f"{tip}:"))
        task = ledger.snapshot().find(task_id) if task_id else None
        if task and (linked := [commit for commit in wanted if commit in task.commits]):
            found[task.id] = linked
    return found


def _made_meanwhile(place: Place, rewritten: set[str]) -> list[str]:
    """Return the commits of a rebase that have taken no other's place.

    Such as the rebase left as they were are among them; they are linked already.
    """
    onto = place.project.onto()
    found = place.project.listed("HEAD", f"^{onto}") if onto and rewritten else None
    fresh = [commit for commit in found or () if commit not in rewritten]
    known = _linked(place.ledger, fresh) if fresh else {}
    seen = {commit for linked in known.values() for commit in linked}
    return [commit for commit in fresh if commit not in seen]
