"""A system in Python that follows Kendt: keeps the customers of one brand, and erases them when it is told to.

    python kendt_follower.py --brokers localhost:9092 --system mailing --brand fjord --file mailing.db

Prints a line of JSON for everything it does: ids only, never personal data. Whatever it cannot do ends it; started again, it gets
the same message again.
"""

import argparse
import hashlib
import json
import signal
import sqlite3
import sys
import time
from datetime import datetime, timezone

from confluent_kafka import Consumer, KafkaException, Producer

STATUS_EVERY = 60  # seconds


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def say(kind: str, **ids: object) -> None:
    print(json.dumps({"at": now(), "kind": kind, **ids}), flush=True)


class Customers:
    """What this system holds, in a file of SQLite. `erased` and `answers` keep ids for ever: see `follow_task`."""

    def __init__(self, file: str) -> None:
        self.db = sqlite3.connect(file, isolation_level=None)
        self.db.execute("PRAGMA secure_delete = ON")
        self.db.execute("CREATE TABLE IF NOT EXISTS customers (id TEXT PRIMARY KEY, name TEXT, email TEXT)")
        self.db.execute("CREATE TABLE IF NOT EXISTS erased (id TEXT PRIMARY KEY)")
        self.db.execute("CREATE TABLE IF NOT EXISTS answers (task TEXT PRIMARY KEY, outcome TEXT NOT NULL)")

    def save(self, profile: dict) -> None:
        name = profile.get("name")
        row = (profile["customerId"], f"{name['given']} {name['family']}" if name else None, profile.get("email"))
        self.db.execute("INSERT OR REPLACE INTO customers VALUES (?, ?, ?)", row)

    def remove(self, customer_id: str) -> bool:
        return self.db.execute("DELETE FROM customers WHERE id = ?", (customer_id,)).rowcount > 0

    def is_erased(self, customer_id: str) -> bool:
        return self.db.execute("SELECT 1 FROM erased WHERE id = ?", (customer_id,)).fetchone() is not None

    def erase(self, customer_id: str, task_id: str) -> str:
        """The outcome. All at once, so that a task that comes again after a crash gets the answer that it got before."""
        known = self.db.execute("SELECT outcome FROM answers WHERE task = ?", (task_id,)).fetchone()
        if known:
            return known[0]
        self.db.execute("BEGIN IMMEDIATE")
        outcome = "erased" if self.remove(customer_id) else "unknown"
        self.db.execute("INSERT OR IGNORE INTO erased VALUES (?)", (customer_id,))
        self.db.execute("INSERT INTO answers VALUES (?, ?)", (task_id, outcome))
        self.db.execute("COMMIT")
        return outcome


class Follower:
    def __init__(self, kafka: dict, system: str, brand: str, customers: Customers) -> None:
        self.system, self.brand, self.customers = system, brand, customers
        self.group = f"{system}.follower"  # the access rules let a system read in groups that begin with its id
        self.profiles = f"kendt.profiles.{brand}.v1"
        self.tasks = "kendt.erasure-tasks.v1"
        self.consumer = Consumer({
            **kafka,
            "group.id": self.group,
            "auto.offset.reset": "earliest",  # a new system begins with every customer there is
            "enable.auto.commit": False,  # a message counts as read once it was handled, not before
        })
        self.producer = Producer({**kafka, "enable.idempotence": True})
        self.stopped = False

    def run(self) -> None:
        self.consumer.subscribe([self.profiles, self.tasks])
        self.send_status()
        told = time.monotonic()
        say("following", topics=[self.profiles, self.tasks])
        while not self.stopped:
            message = self.consumer.poll(0.5)
            if message is not None:
                if message.error():
                    raise KafkaException(message.error())
                self.handle(message)
                self.consumer.commit(message, asynchronous=False)
            if time.monotonic() - told > STATUS_EVERY:
                self.send_status()
                told = time.monotonic()
        self.consumer.close()

    def handle(self, message) -> None:
        headers = {name: value.decode() for name, value in message.headers() or [] if value is not None}
        customer_id = message.key().decode()
        if message.value() is None:  # a tombstone: erased, or no longer a customer of this brand
            self.customers.remove(customer_id)
            return say("customer-removed", customerId=customer_id)
        type_ = headers.get("ce_type")
        if type_ == "kendt.profile.changed.v1":
            self.follow_profile(json.loads(message.value()))
        elif type_ == "kendt.erasure.task-issued.v1":
            self.follow_task(json.loads(message.value()))
        # Any other type is from a later version of Kendt, and none of our business.

    def follow_profile(self, profile: dict) -> None:
        customer_id = profile["customerId"]
        # Topics are read side by side: a profile may still be on its way when its customer was erased. It must not bring them back.
        if self.customers.is_erased(customer_id):
            return
        self.customers.save(profile)
        say("customer-stored", customerId=customer_id)

    def follow_task(self, task: dict) -> None:
        if task["systemId"] != self.system:
            return
        outcome = self.customers.erase(task["customerId"], task["taskId"])
        receipt = {"taskId": task["taskId"], "caseId": task["caseId"], "customerId": task["customerId"], "at": now(), "outcome": outcome}
        self.send(f"kendt.erasure-receipts.{self.system}.v1", "kendt.erasure.receipt.v1", task["customerId"], receipt, f"{task['taskId']} {outcome}")
        say("erasure-answered", customerId=task["customerId"], taskId=task["taskId"], outcome=outcome)

    def send_status(self) -> None:
        """So that Kendt can show how this system is doing."""
        follows = [{"what": what, "group": self.group} for what in ("customers", "erasures")]
        status = {"systemId": self.system, "at": now(), "version": "kendt_follower.py", "brandIds": [self.brand], "follows": follows, "parked": []}
        self.send(f"kendt.connectors.{self.system}.v1", "kendt.connector.status.v1", self.system, status, status["at"])

    def send(self, topic: str, type_: str, key: str, data: dict, what: str) -> None:
        """A CloudEvent in binary mode: attributes are headers. The same fact has the same id, so a second one does no harm."""
        headers = {
            "ce_specversion": "1.0",
            "ce_id": hashlib.sha256(f"{self.system} {type_} {what}".encode()).hexdigest()[:40],
            "ce_type": type_,
            "ce_source": f"urn:kendt:system:{self.system}",
            "ce_time": data["at"],
            "ce_subject": key,
            "content-type": "application/json",
        }
        failures = []
        self.producer.produce(topic, key=key, value=json.dumps(data), headers=headers, on_delivery=lambda error, _: failures.append(error) if error else None)
        # Safely kept before the task counts as read.
        if self.producer.flush(30) > 0 or failures:
            raise RuntimeError(f"{topic} did not take a message: {failures or 'no answer'}")

    def stop(self, *_: object) -> None:
        self.stopped = True


def main() -> int:
    options = argparse.ArgumentParser(description="Follows Kendt for one system and one brand.")
    options.add_argument("--brokers", required=True, help="host:port,host:port")
    options.add_argument("--system", required=True, help="the id of this system in Kendt's configuration")
    options.add_argument("--brand", required=True, help="whose customers to follow")
    options.add_argument("--file", required=True, help="where the customers are kept")
    options.add_argument("--properties", help="a JSON file with settings of librdkafka, such as TLS and a login")
    given = options.parse_args()
    kafka = {"bootstrap.servers": given.brokers}
    if given.properties:
        with open(given.properties, encoding="utf-8") as file:
            kafka |= json.load(file)
    follower = Follower(kafka, given.system, given.brand, Customers(given.file))
    signal.signal(signal.SIGTERM, follower.stop)
    signal.signal(signal.SIGINT, follower.stop)
    follower.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
