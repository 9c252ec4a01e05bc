"""Whatever a trainee is called, the files parse and show the name as it was typed."""

import tomllib
from pathlib import Path

import copier
import pytest
import yaml
from copier.errors import UserMessageError
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from extensions.steps import STEPS
from extensions.trainee import name_problem
from tests.conftest import Render, update

names = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("'\"\\`{}%#:&*_<>|$[]~"),
    min_size=1,
    max_size=80,
)


def shown_text(markdown: str) -> str:
    """What a reader sees of a page, without its form."""
    return "".join(
        "\n" if child.type == "softbreak" else child.content
        for token in MarkdownIt().parse(markdown)
        for child in token.children or []
    )


@given(name=names)
@example("Zoë")
@example("李雷")
@example('O\'Brien "Bob"')
@example("{{ 7*7 }}")
@example("{% raw %}")
@example("{# not a comment #}")
@example("👩‍👩‍👧: 🍩 # 1")
@example("yes")
@example("007")
@example("- a\\n")
@example("--- '''")
@example("*Ada* _L_ `x` [y](z) <b> &amp; ~~q~~ $a$ | \\*")
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_name(render: Render, name: str) -> None:
    assume(not name_problem(name))
    workshop = render(trainee_name=name)

    recorded = yaml.safe_load((workshop / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert recorded["trainee_name"] == name
    settings_of = tomllib.loads((workshop / "workshop/settings.toml").read_text(encoding="utf-8"))
    assert settings_of["trainee"]["name"] == name
    yaml.safe_load((workshop / "compose.yaml").read_text(encoding="utf-8"))
    readme = (workshop / "README.md").read_text(encoding="utf-8")
    assert f"The tracing workshop of {name}, session self-paced." in shown_text(readme)


@pytest.mark.parametrize("name", ["{{ 7*7 }}", "李雷", "007", "yes", 'O\'Brien "Bob": #1'])
@pytest.mark.sample(5)
def test_a_name_and_its_slug_survive_an_update(copy: Render, name: str) -> None:
    workshop = copy(trainee_name=name)
    before = (workshop / ".copier-answers.yml").read_text(encoding="utf-8")
    update(workshop, step=5)
    after = (workshop / ".copier-answers.yml").read_text(encoding="utf-8")
    assert after == before.replace("step: 1", "step: 5")


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"trainee_name": "a\nb"}, "No control character"),
        ({"trainee_slug": "Ada"}, "Type a-z, 0-9, and single hyphens."),
        ({"session": "../up"}, "Type a-z, 0-9, and single hyphens."),
        ({"step": len(STEPS) + 1}, "step: Type one of 1, 2"),
        ({"backend": "nowhere"}, "backend: Type one of local, datadog."),
        ({"backend": "datadog", "dd_site": "example.com"}, "dd_site: Type one of datadoghq.com"),
        ({"backend": "datadog", "dd_api_key": "0 1"}, "A key is one word"),
        ({"port_offset": 57410}, "Type a number from 0 to 57409"),
    ],
)
def test_a_bad_answer_is_explained_and_leaves_nothing(
    template: Path, tmp_path: Path, answers: dict[str, object], sentence: str
) -> None:
    with pytest.raises(UserMessageError, match=sentence) as failure:
        copier.run_copy(
            str(template),
            tmp_path / "workshop",
            data=answers,
            defaults=True,
            unsafe=True,
            quiet=True,
        )
    assert not (tmp_path / "workshop").exists()
    assert "0" * 40 not in str(failure.value)
