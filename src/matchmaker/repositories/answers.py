"""The questions of a template, and a trainee's answers to them, as Copier sees them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import copier

from matchmaker.repositories.inside_copier import (
    MISSING,
    AnswersMap,
    Question,
    Template,
    Worker,
    is_tested,
)
from matchmaker.repositories.quick_questions import QuickQuestion, needs_context
from matchmaker.repositories.renderer import Renderer


@dataclass(frozen=True)
class QuestionForm:
    """A question, as somebody who edits a roster sees it."""

    type_name: str
    message: str
    choices: list[Any]


def question_forms(folder: Path) -> dict[str, QuestionForm]:
    """The questions of the template in a folder, committed or not, by name."""
    template = Template(url=str(folder))
    template.__dict__["local_abspath"] = folder
    worker = _reader(template)
    worker.answers = AnswersMap(metadata={})
    found = {}
    for name in questions(template):
        question = _question(worker, name)
        choices = [question.cast_answer(choice.value) for choice in question._formatted_choices]
        found[name] = QuestionForm(question.get_type_name(), question.get_message(), choices)
    return found


def questions(template: Template) -> dict[str, dict[str, Any]]:
    """The questions of a template, in the order of copier.yml."""
    return dict(template.questions_data)


class Required(ValueError):
    """A question without a default has no answer."""


@dataclass(frozen=True)
class Answers:
    """A trainee's answers, and what Copier makes of them."""

    given: dict[str, Any]
    """The answers that were given, in the types of their questions."""
    recorded: dict[str, Any]
    """What Copier would record, in its order, without the template's source and version."""
    asked: frozenset[str]
    """The questions that apply to this trainee."""
    wrong: list[tuple[str, Any, ValueError]]
    """Each wrong answer with its question and the reason. A default takes its place."""
    _worker: Worker = field(repr=False)


def answers_of(
    template: Template,
    given: Mapping[str, Any],
    last: Mapping[str, Any],
    typed: Callable[[str, Any], Any],
) -> Answers:
    """Answer a template's questions as Copier does without prompting, but go on after a mistake.

    `last` has the earlier answers, which apply if `given` has none. `typed` takes the name of a
    question's type and an answer, and returns the answer in that type, or raises ValueError.
    """
    worker = _reader(template)
    answers = worker.answers = AnswersMap(
        last=dict(last), metadata=template.metadata, external=worker._external_data()
    )
    result: dict[str, Any] = {}
    wrong: list[tuple[str, Any, ValueError]] = []
    for name in template.questions_data:
        question = _question(worker, name)
        if name in answers.last and not _still_fits(question, answers.last[name]):
            del answers.last[name]
        is_asked = question.get_when()
        if not is_asked:
            answers.hide(name)
            answers.last.pop(name, None)
        try:
            if name in given:
                result[name] = typed(question.get_type_name(), given[name])
                answers.user[name] = question.parse_answer(result[name])
                question.validate_answer(answers.user[name])
            else:
                default = question.get_default()
                if default is not MISSING:
                    answers.user[name] = default
                elif is_asked:
                    raise Required(name)
        except ValueError as error:
            wrong.append((name, answers.user.get(name, given.get(name)), error))
            answers.user[name] = _stand_in(question)
    remembered = worker._answers_to_remember().items()
    recorded = {name: value for name, value in remembered if not name.startswith("_")}
    asked = frozenset(template.questions_data.keys() - answers.hidden)
    return Answers(result, recorded, asked, wrong, worker)


def facts(answers: Answers, expression: str) -> Any:
    """Evaluate a Jinja expression, such as `{"env": trainee.env}`, with a trainee's answers.

    Raises what Copier and Jinja raise, and TypeError if the result doesn't fit into JSON.
    """
    worker = answers._worker
    environment = worker.jinja_env
    begin, end = environment.variable_start_string, environment.variable_end_string
    with copier.Phase.use(copier.Phase.RENDER):
        return json.loads(worker._render_string(f"{begin} ({expression}) | to_json {end}"))


def problem_with(template: Template, name: str, answer: Any) -> ValueError | None:
    """Why a template rejects an answer to one of its questions; None if it accepts it."""
    worker = _reader(template)
    worker.answers = AnswersMap(metadata=template.metadata)
    question = _question(worker, name)
    try:
        question.validate_answer(question.parse_answer(answer))
    except ValueError as error:
        return error
    return None


def _reader(template: Template) -> Worker:
    """A worker that renders texts of a template and writes nothing."""
    kind = Renderer if is_tested() else Worker
    reader = kind(src_path=template.url, dst_path=Path("/nowhere"), unsafe=True, quiet=True)
    reader.__dict__["template"] = template
    return reader


def _question(worker: Worker, name: str) -> Question:
    """A question of the template as Copier sees it, with the answers given so far."""
    kind = QuickQuestion if is_tested() else Question
    details = worker.template.questions_data[name]
    # Building the context takes longer than anything else here, and many questions need none.
    is_plain = is_tested() and not needs_context(worker.jinja_env, name, details)
    return kind(
        answers=worker.answers,
        context={} if is_plain else worker._render_context(),
        jinja_env=worker.jinja_env,
        settings=worker.settings,
        var_name=name,
        **details,
    )


def _still_fits(question: Question, answer: Any) -> bool:
    """Whether an earlier answer still fits the question. If it doesn't, Copier asks again."""
    try:
        question.validate_answer(question.parse_answer(answer))
    except Exception:  # as broad as Copier's own
        return False
    return True


def _stand_in(question: Question) -> Any:
    """The value that replaces a wrong answer, so that we can check the questions after it."""
    try:
        default = question.get_default()
    except ValueError:  # it depends on a wrong answer, or is an earlier answer
        default = question.default
    return None if default is MISSING else default
