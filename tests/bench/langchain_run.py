#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The prompts of a file through LangChain's ChatOpenAI, so many at once: for bench_run.

usage: langchain_run.py URL FILE CONCURRENCY
Without any logging: what its Argilla handler would add comes on top. Needs: langchain-openai.
"""

import sys

from langchain_openai import ChatOpenAI

url, path, concurrency = sys.argv[1:4]
with open(path, encoding="utf-8") as file:
    prompts = file.read().splitlines()
model = ChatOpenAI(model="m", base_url=url, api_key="none", streaming=True)
answers = model.batch(prompts, config={"max_concurrency": int(concurrency)})
print(len(answers))
