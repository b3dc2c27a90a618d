#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What LangChain makes of the templates of tests/fixtures/templates.json, as that file.

usage: templates.py < templates.json, with langchain-core in reach. Each item has "template" and "values"; "text" is
what came of it, null where it was refused. "stricter" says that sherd refuses what LangChain takes.
"""

import json
import sys

from langchain_core.prompts import PromptTemplate

items = json.load(sys.stdin)
for item in items:
    try:
        item["text"] = PromptTemplate.from_template(item["template"]).format(**item["values"])
    except (ValueError, KeyError, IndexError):
        item["text"] = None
print("[")
print(",\n".join(json.dumps(item, ensure_ascii=False) for item in items))
print("]")
