"""Faithful local receivers: the robots of WeCom, DingTalk and Feishu, and a webhook.

receivers = start()
receivers["wecom"].url            # http://127.0.0.1:…/cgi-bin/webhook/send?key=…
receivers["wecom"].mode = Mode.SLOW
receivers["wecom"].taken          # what it took, oldest first
"""

from demo.receivers.server import Mode, Receiver, Receivers, Taken, start

__all__ = ["Mode", "Receiver", "Receivers", "Taken", "start"]
