"""What the steps hand to each other, as Airflow sees it."""

from airflow.sdk import Asset

#: New segments lie in the inbox.
INBOX = Asset("courtpulse://inbox")
#: New posts stand in the index.
INDEX = Asset("courtpulse://index")
#: Detection has looked; alerts may have changed.
ALERTS = Asset("courtpulse://alerts")
