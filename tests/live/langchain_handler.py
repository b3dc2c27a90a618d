#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""LangChain's own ArgillaCallbackHandler against a 1.x server, as in its guide.

usage: langchain_handler.py URL KEY make|fill DATASET
make: creates the guide's dataset with the Python SDK, then logs two pairs.
fill: logs two pairs into a dataset that is there (one that sherd made).
Needs: argilla 1.x, langchain-community.
"""
import sys

import argilla as rg
from langchain_community.callbacks.argilla_callback import ArgillaCallbackHandler
from langchain_community.llms.fake import FakeListLLM

url, key, mode, name = sys.argv[1:5]
rg.init(api_url=url, api_key=key, workspace="argilla")
if mode == "make":
    dataset = rg.FeedbackDataset(
        fields=[rg.TextField(name="prompt"), rg.TextField(name="response")],
        questions=[
            rg.RatingQuestion(
                name="response-rating",
                description="How would you rate the quality of the response?",
                values=[1, 2, 3, 4, 5],
                required=True,
            ),
            rg.TextQuestion(
                name="response-feedback",
                description="What feedback do you have for the response?",
                required=False,
            ),
        ],
        guidelines="You're asked to rate the quality of the response and provide feedback.",
    )
    dataset.push_to_argilla(name=name, workspace="argilla")
handler = ArgillaCallbackHandler(
    dataset_name=name, workspace_name="argilla", api_url=url, api_key=key
)
llm = FakeListLLM(responses=["  A handler's joke.\n", "A handler's poem."], callbacks=[handler])
llm.generate(["Tell me a joke", "Tell me a poem"])
print("logged 2")
