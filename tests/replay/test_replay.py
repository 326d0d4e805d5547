"""Saved histories of whole programmes replay on today's code; `make histories` saves them anew."""

import gzip
import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

import worker

SAVED = sorted((Path(__file__).parent / "histories").glob("*.json.gz"))


def replayer() -> Replayer:
    return Replayer(
        workflows=worker.LIVES,
        data_converter=pydantic_data_converter,
        workflow_runner=worker.runner(),
    )


def saved(file: Path) -> str:
    return gzip.decompress(file.read_bytes()).decode()


def test_there_are_saved_histories_of_every_life() -> None:
    played = [json.loads(saved(file))["events"][0] for file in SAVED]
    kinds = {one["workflowExecutionStartedEventAttributes"]["workflowType"]["name"] for one in played}
    assert kinds == {life.__name__ for life in worker.LIVES}


def test_there_are_saved_histories_of_how_pairings_end() -> None:
    ends = {file.name.partition("-")[2].partition("_lively")[0] for file in SAVED if "_lively" in file.name}
    assert {"declined", "ended_early", "lapsed"} <= ends


@pytest.mark.parametrize("file", SAVED, ids=lambda file: file.name.removesuffix(".json.gz"))
async def test_saved_history_replays(file: Path) -> None:
    await replayer().replay_workflow(WorkflowHistory.from_json(file.name, saved(file)))


async def test_changed_history_is_noticed() -> None:
    """An activity by another name stands for a life whose code was changed without a patch."""
    file = next(file for file in SAVED if file.name.startswith("pairing"))
    events = json.loads(saved(file))
    scheduled = [one for one in events["events"] if "activityTaskScheduledEventAttributes" in one]
    scheduled[5]["activityTaskScheduledEventAttributes"]["activityType"]["name"] = "another-act"
    history = WorkflowHistory.from_json(file.name, json.dumps(events))
    with pytest.raises(NondeterminismError):
        await replayer().replay_workflow(history)
