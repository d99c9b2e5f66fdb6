"""Pictures, tables and texts for people: everything a stranger wrote is shown, never interpreted."""
