"""What a run will ask and cost: its stages rehearsed with an engine that is not paid."""
