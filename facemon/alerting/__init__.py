"""From records to somebody who hears of it: rules, incidents, messages, channels."""
