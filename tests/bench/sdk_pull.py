#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads a dataset with the argilla SDK (2.x), responses and suggestions too; prints
"WALL CPU COUNT". usage: sdk_pull.py URL KEY NAME"""
import resource
import sys
import time

import argilla

client = argilla.Argilla(api_url=sys.argv[1], api_key=sys.argv[2])
dataset = client.datasets(sys.argv[3], workspace="argilla")


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


began, before = time.monotonic(), cpu()
count = sum(1 for _ in dataset.records(with_suggestions=True, with_responses=True, batch_size=250))
print(f"{time.monotonic() - began:.2f} {cpu() - before:.2f} {count}")
