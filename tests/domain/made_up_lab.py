"""A lab that is open on weekdays from nine to five, played through for some months."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from printlab.domain.status import JobStatus, Verb
from printlab.domain.waiting import History, Queue, Step, learn

_BEGIN = datetime(2026, 1, 5, 9, tzinfo=UTC)
_SENT_UNTIL, _END = _BEGIN + timedelta(days=95), _BEGIN + timedelta(days=110)
_LOOKS = timedelta(minutes=10)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class MadeUpJob:
    """When each thing happened to a job."""

    id: int
    accepted: datetime
    time_min: int
    started: datetime = _NEVER
    ready: datetime = _NEVER

    def is_printed(self, now: datetime) -> bool:
        """Whether the machine is done with it; it takes 5 % longer than was quoted."""
        return self.started + timedelta(minutes=self.time_min * 1.05) <= now


class MadeUpLab:
    """One kind of printer with some machines; ``in_order`` is how often staff take the job that waits longest."""

    PRINTER = 1

    def __init__(self, machines: int, jobs_a_day: float, in_order: float) -> None:
        self._chance = random.Random(machines)
        self._in_order = in_order
        self._learnt: dict[date, History] = {}
        self.jobs = self._sent(jobs_a_day)
        self._play(machines)

    @property
    def after_the_first_weeks(self) -> list[MadeUpJob]:
        """The jobs that came when there was a history."""
        return [job for job in self.jobs if job.accepted >= _BEGIN + timedelta(days=32)]

    def learnt_until(self, now: datetime) -> History:
        """What was known on that day."""
        if now.date() not in self._learnt:
            steps = [step for job in self.jobs for step in self._steps(job) if step.at <= now]
            self._learnt[now.date()] = learn(steps, {self.PRINTER: "Filament"}, now)
        return self._learnt[now.date()]

    def queue_at(self, now: datetime) -> Queue:
        """Who waited at that moment."""
        line = sorted((job.accepted, job.id) for job in self.jobs if job.accepted <= now < job.started)
        last = max(job.started for job in self.jobs if job.started <= now)
        return Queue({self.PRINTER: line}, {self.PRINTER: last})

    def _sent(self, jobs_a_day: float) -> list[MadeUpJob]:
        jobs, now = list[MadeUpJob](), _BEGIN
        while (now := now + timedelta(days=self._chance.expovariate(jobs_a_day))) < _SENT_UNTIL:
            jobs.append(MadeUpJob(len(jobs) + 1, now, self._chance.choice((60, 120, 180, 300, 600))))
        return jobs

    def _play(self, machines: int) -> None:
        now, on = _BEGIN, list[MadeUpJob]()
        while (now := now + _LOOKS) < _END:
            staff_look = now.weekday() < 5 and 9 <= now.hour < 17 and self._chance.random() < 0.3
            if not staff_look:
                continue
            for job in [job for job in on if job.is_printed(now)]:
                job.ready = now
                on.remove(job)
            queue = [job for job in self.jobs if job.accepted <= now and job.started is _NEVER]
            for _ in range(min(machines - len(on), len(queue))):
                job = queue[0] if self._chance.random() < self._in_order else self._chance.choice(queue)
                job.started = now
                queue.remove(job)
                on.append(job)

    def _steps(self, job: MadeUpJob) -> list[Step]:
        def step(at: datetime, action: str, to: JobStatus) -> Step:
            return Step(job.id, at, action, "staff", to, self.PRINTER, job.time_min)

        return [
            step(job.accepted, Verb.CONFIRM, JobStatus.READY_TO_PRINT),
            step(job.started, Verb.START, JobStatus.PRINTING),
            step(job.ready, Verb.COMPLETE, JobStatus.COMPLETED),
        ]
