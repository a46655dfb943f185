"""Command lines at random, made from the commands' descriptions."""

from __future__ import annotations

from hypothesis import strategies as st

from gitledger.cli.spec import Command

values = st.one_of(
    st.sampled_from(
        ["", "-", "--", "x", "7f3k", "0", "12", "-1", "+x", "auto", "never", "a=b", "²"]
    ),
    st.text(max_size=6),
)


@st.composite
def words_of(draw: st.DrawFn, command: Command) -> list[str]:
    """Return a command line, mostly of the command's own options."""
    flags = st.sampled_from(sorted(command.flags))
    short = [flag[1:] for flag in command.flags if not flag.startswith("--")]
    word = st.one_of(
        flags,
        values,
        st.builds("{}={}".format, flags, values),
        st.builds("{}{}".format, flags, values),
        st.lists(st.sampled_from(short), min_size=1, max_size=3).map(lambda s: "-" + "".join(s)),
        st.sampled_from(["--unknown", "--unknown=x", "-Z", "-Zx", "-h", "--help"]),
    )
    return draw(st.lists(word, max_size=6))
