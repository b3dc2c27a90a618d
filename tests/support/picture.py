#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns `tmux capture-pane -p -e` on stdin into an SVG picture on stdout.

usage: picture.py COLS TITLE
"""
import html
import re
import sys
import unicodedata

COLS = int(sys.argv[1])
TITLE = sys.argv[2]
CELL_W, CELL_H, PAD, BAR = 8.4, 18, 14, 30
BACK, FORE = "#16181d", "#d7dae0"
BASIC = ["#16181d", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#abb2bf",
         "#6b7280", "#ef8891", "#b5e08f", "#f2d59b", "#8cc4f5", "#d9a1ea", "#7fd3dd", "#ffffff"]


def colour(code):
    """xterm's 256 colours."""
    if code < 16:
        return BASIC[code]
    if code >= 232:
        level = 8 + 10 * (code - 232)
        return f"#{level:02x}{level:02x}{level:02x}"
    code -= 16
    steps = [0, 95, 135, 175, 215, 255]
    return "#%02x%02x%02x" % (steps[code // 36], steps[code // 6 % 6], steps[code % 6])


class Pen:
    def __init__(self):
        self.reset()

    def reset(self):
        self.fore = self.back = None
        self.flags = set()

    def take(self, numbers):
        numbers = numbers or [0]
        names = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse"}
        while numbers:
            n = numbers.pop(0)
            if n == 0:
                self.reset()
            elif n in names:
                self.flags.add(names[n])
            elif n == 22:
                self.flags -= {"bold", "dim"}
            elif n in (23, 24, 27):
                self.flags.discard({23: "italic", 24: "underline", 27: "reverse"}[n])
            elif 30 <= n <= 37 or 90 <= n <= 97:
                self.fore = colour(n - 30 if n < 90 else n - 82)
            elif 40 <= n <= 47 or 100 <= n <= 107:
                self.back = colour(n - 40 if n < 100 else n - 92)
            elif n in (38, 48) and numbers:
                kind = numbers.pop(0)
                if kind == 5:
                    value = colour(numbers.pop(0))
                else:
                    value = "#%02x%02x%02x" % tuple(numbers[:3])
                    del numbers[:3]
                if n == 38:
                    self.fore = value
                else:
                    self.back = value
            elif n == 39:
                self.fore = None
            elif n == 49:
                self.back = None

    def look(self):
        fore, back = self.fore or FORE, self.back or BACK
        if "reverse" in self.flags:
            fore, back = back, fore
        return fore, back, frozenset(self.flags - {"reverse"})


def width(char):
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def runs(line):
    """(column, columns, text, look) pieces of one line."""
    pen, col, out = Pen(), 0, []
    for part in re.split(r"(\x1b\[[0-9;:]*m)", line):
        if part.startswith("\x1b["):
            pen.take([int(n or 0) for n in re.split("[;:]", part[2:-1])])
            continue
        part = re.sub(r"\x1b[()][A-Z0-9]|[\x0e\x0f]", "", part)
        for char in part:
            w = width(char)
            if out and out[-1][3] == pen.look() and w == 1 and ord(char) < 0x2500:
                start, cols, text, look = out[-1]
                if start + cols == col and len(text) == cols:
                    out[-1] = (start, cols + w, text + char, look)
                    col += w
                    continue
            if w == 0 and out:
                start, cols, text, look = out[-1]
                out[-1] = (start, cols, text + char, look)
                continue
            out.append((col, w, char, pen.look()))
            col += w
    return out


lines = sys.stdin.read().rstrip("\n").split("\n")
total_w = COLS * CELL_W + 2 * PAD
total_h = len(lines) * CELL_H + 2 * PAD + BAR
print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{total_w:.0f}" height="{total_h:.0f}" '
      f'viewBox="0 0 {total_w:.0f} {total_h:.0f}" role="img" aria-label="{html.escape(TITLE)}">')
print(f'<rect width="100%" height="100%" rx="8" fill="{BACK}"/>')
print(f'<text x="{total_w / 2:.0f}" y="20" fill="#8a8f98" font-family="sans-serif" font-size="12" '
      f'text-anchor="middle">{html.escape(TITLE)}</text>')
for i, shade in enumerate(("#ff5f57", "#febc2e", "#28c840")):
    print(f'<circle cx="{18 + 18 * i}" cy="16" r="5.5" fill="{shade}"/>')
print('<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" xml:space="preserve">')
for row, line in enumerate(lines):
    top = BAR + PAD + row * CELL_H
    for col, cols, text, (fore, back, flags) in runs(line):
        x = PAD + col * CELL_W
        if back != BACK:
            print(f'<rect x="{x:.1f}" y="{top}" width="{cols * CELL_W:.1f}" height="{CELL_H}" fill="{back}"/>')
        if not text.strip():
            continue
        style = f'fill="{fore}"'
        if "bold" in flags:
            style += ' font-weight="bold"'
        if "italic" in flags:
            style += ' font-style="italic"'
        if "underline" in flags:
            style += ' text-decoration="underline"'
        if "dim" in flags:
            style += ' opacity="0.6"'
        print(f'<text x="{x:.1f}" y="{top + 14}" textLength="{cols * CELL_W:.1f}" {style}>{html.escape(text)}</text>')
print("</g></svg>")
