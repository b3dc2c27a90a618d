#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The prompts of a file through LangChain's ChatOpenAI, so many at once: for bench_run.

usage: langchain_run.py URL FILE CONCURRENCY [SERVER DATASET]
With SERVER, an Argilla 1.x, its own handler logs each pair to DATASET of workspace argilla (ARGILLA_API_KEY).
Needs: langchain-openai; for the handler langchain-community and argilla 1.x.
"""

import os
import sys

from langchain_openai import ChatOpenAI

url, path, concurrency = sys.argv[1:4]
with open(path, encoding="utf-8") as file:
    prompts = file.read().splitlines()
model = ChatOpenAI(model="m", base_url=url, api_key="none", streaming=True)
handlers = []
if len(sys.argv) > 4:
    from langchain_community.callbacks.argilla_callback import ArgillaCallbackHandler

    handlers.append(ArgillaCallbackHandler(dataset_name=sys.argv[5], workspace_name="argilla", api_url=sys.argv[4],
                                           api_key=os.environ["ARGILLA_API_KEY"]))
answers = model.batch(prompts, config={"max_concurrency": int(concurrency), "callbacks": handlers})
print(len(answers))
