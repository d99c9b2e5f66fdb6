"""Pictures and tables of columns, curves and labels: style, ticks, formats, escaping; no physics."""
