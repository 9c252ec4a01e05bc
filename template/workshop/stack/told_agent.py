"""The agent to which `.env` has web and taster send their traces, if that isn't this stack's."""

from __future__ import annotations

from workshop.settings import Settings, dotenv

AGENT_URL = "DD_TRACE_AGENT_URL"
"""The variable with the agent's address, which the tracing client reads."""


def told_agent(settings: Settings) -> str:
    """The address that `.env` gives the agent, if that isn't where this stack's agent is."""
    told = dotenv(settings.root).get(AGENT_URL, "").rstrip("/")
    here = f"http://localhost:{settings.ports.agent}"
    own = (settings.url("agent"), here, settings.urls.get("forward"))
    return told if told not in own else ""


def agent_elsewhere(settings: Settings) -> str:
    """Why traces don't reach this stack's agent, and the remedy, in sentences. Usually empty."""
    told = told_agent(settings)
    return told and (
        f"web and taster send their traces to {told}, and not to this workshop's agent, because "
        f".env sets {AGENT_URL}. To undo that, delete the line there."
    )
