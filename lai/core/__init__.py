"""What everything stands on: records, files, params, errors."""
