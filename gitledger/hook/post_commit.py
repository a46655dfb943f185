"""post-commit: what the commit that was just made does to the tasks that its message names."""

from __future__ import annotations

from gitledger import settings
from gitledger.core import trailers
from gitledger.hook import arrivals, rewrites
from gitledger.hook.plan import Plan, effects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitledger.hook.place import Place


def post_commit(place: Place) -> list[str]:
    """Link the commit to the tasks that its message names, and do what it says of them.

    In a rebase nothing is done: `post-rewrite` is told of all its commits at once.
    """
    project = place.project
    commit = None if project.rebasing else project.head()
    if commit is None:
        return []
    old = project.amended(commit.id)
    before = project.read([old]) if old else []
    named = any(trailers.mentions(each.message, place.words) for each in (commit, *before))
    merged = arrivals.heads_of(commit) if settings_say_merge(place) and project.on_default else ()
    if not (named or merged or effects(place, commit)):
        return []
    plan = Plan(place)
    if merged:
        arrivals.take_in(plan, *merged)
    else:
        earlier = rewrites.heard(place, before[0]) if before else None
        plan.add(commit, completes=place.closes_now, earlier=earlier)
        if old:
            rewrites.move(plan, {old: [commit]}, before)
    learn_branch(plan)
    return plan.carry_out("commit")


def settings_say_merge(place: Place) -> bool:
    """Tell whether tasks are completed by what reaches the default branch."""
    return settings.closes_on_merge(place.repository.configuration)


def learn_branch(plan: Plan) -> None:
    """Let the session's own tasks among those that a commit is linked to name its branch."""
    project = plan.place.project
    if project.branch and project.branch != project.default_branch:
        for deed in plan.deeds.values():
            deed.branch = project.branch
