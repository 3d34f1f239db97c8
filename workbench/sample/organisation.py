"""Who sells: regions, teams, seats and the people who sit in them one after the other.

A seat is a place in the organisation with a role; accounts belong to seats. People leave (most
after the bonus, most in their first year), a seat stays vacant for some weeks while the team's
manager covers it, and a new hire needs half a year to reach full output. Each January some seats
change team and some accounts change seat.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample import names
from workbench.sample.parameters import REGIONS
from workbench.sample.settings import REGION_LABELS
from workbench.sample.world import AS_OF, Frame

Ints = NDArray[np.int64]

# Share of the seats of a region; roles of seats that carry a quota.
REGION_SHARES = (0.30, 0.18, 0.19, 0.13, 0.10, 0.10)
ROLE_SHARES = {"hunter": 0.33, "farmer": 0.22, "key_account": 0.13, "channel": 0.27, "online": 0.05}
QUOTA_ROLES = ("hunter", "farmer", "key_account", "channel")
SPAN = 7
# Monthly base pay (low, high) and target pay a year as a multiple of base x 12, by role.
PAY = {
    "hunter": (8_000, 12_000, 2.0),
    "farmer": (8_000, 12_000, 1.67),
    "key_account": (11_000, 15_000, 1.43),
    "channel": (8_000, 13_000, 1.67),
    "presales": (11_000, 15_000, 1.25),
    "manager": (15_000, 22_000, 1.6),
    "director": (26_000, 38_000, 1.7),
}
MOVED_TEAMS = 0.06  # seats that change team each January


def per_frame(frame: Frame) -> None:
    """Set teams, seats, reps, seat_rep, rep_skill, trainings; add tables team, rep, territory."""
    frame.seats = make_seats(frame)
    people, occupant = _occupy(frame)
    frame.seat_rep = _covered(frame, occupant)
    frame.reps = _persons(frame, people)
    frame.trainings = _trainings(frame)
    frame.rep_skill = _skill(frame)
    team_of = _team_by_year(frame)
    frame.teams = _teams(frame)
    frame.add("team", _team_table(frame))
    frame.add("rep", _rep_table(frame, occupant, team_of))
    frame.add("territory", _territories(frame))
    hidden = frame.reps[["rep_id", "skill", "optimism", "engagement", "seat"]]
    frame.hide("reps", hidden.round({"skill": 4, "optimism": 4, "engagement": 4}))


def make_seats(frame: Frame) -> pd.DataFrame:
    """Seats: role, group ("hunter" ... "online", "manager", ...), region, team, quota.

    Teams of a region hold about seven seats; each has a manager's seat, each region a director's
    and one of pre-sales; the online team belongs to the first region.
    """
    counts = {
        role: _apportion(frame.size.reps * share, REGION_SHARES)
        for role, share in ROLE_SHARES.items()
        if role != "online"
    }
    online = max(2, round(frame.size.reps * ROLE_SHARES["online"]))
    rows: list[dict[str, Any]] = []
    team = 0
    for place, region in enumerate(REGIONS):
        groups = [group for group, count in counts.items() for _ in range(int(count[place]))]
        teams = max(1, round(len(groups) / SPAN))
        rows += [
            {"group": group, "region": region, "team": team + number * teams // len(groups)}
            for number, group in enumerate(_dealt(groups, teams))
        ]
        rows += [{"group": "manager", "region": region, "team": team + n} for n in range(teams)]
        rows += [
            {"group": group, "region": region, "team": team} for group in ("director", "presales")
        ]
        team += teams
    rows += [{"group": "online", "region": REGIONS[0], "team": team} for _ in range(online)]
    rows.append({"group": "manager", "region": REGIONS[0], "team": team})
    seats = pd.DataFrame(rows)
    seats["role"] = seats["group"].replace({"online": "farmer"})
    seats["quota"] = seats["role"].isin(QUOTA_ROLES)
    return seats


def seats_of(frame: Frame, group: str, region: int) -> Ints:
    """Seats of a group in a region (the online group serves all regions)."""
    chosen = frame.seats["group"] == group
    if group != "online":
        chosen &= frame.seats["region"] == REGIONS[region]
    return np.flatnonzero(chosen)


def _apportion(total: float, shares: tuple[float, ...]) -> Ints:
    """Whole numbers in proportion, at least one each."""
    exact = total * np.asarray(shares)
    whole = np.maximum(1, np.floor(exact)).astype(int)
    for place in np.argsort(-(exact - np.floor(exact)), kind="stable"):
        if whole.sum() >= round(total):
            break
        whole[place] += 1
    return whole


def _dealt(groups: list[str], teams: int) -> list[str]:
    """Roles dealt over teams, so that each team has some of each."""
    return [group for start in range(teams) for group in groups[start::teams]]


def _occupy(frame: Frame) -> tuple[pd.DataFrame, NDArray[np.int32]]:
    """People seat by seat over time: (people, occupant by seat and day; -1 while vacant)."""
    truth, calendar = frame.truth.rep, frame.calendar
    rng = frame.rng("organisation/people")
    seats, span = len(frame.seats), len(calendar.days)
    senior = frame.seats["group"].isin(["manager", "director"]).to_numpy()
    hired = -(rng.exponential(1_100, seats) + 40).astype(int)
    people = [{"seat": seat, "hired": int(hired[seat]), "left": -1} for seat in range(seats)]
    current = np.arange(seats)
    free_at = np.full(seats, -1)
    season = np.asarray(truth.attrition_season)
    season = season / season.mean() if frame.on("attrition_season") else np.ones(12)
    first_rate = truth.attrition_first if frame.on("attrition_first") else truth.attrition
    firsts = np.flatnonzero(np.diff(calendar.month, prepend=0))
    for start, end in zip(firsts, [*firsts[1:], span], strict=True):
        for seat in np.flatnonzero((free_at >= 0) & (free_at < end)):
            people.append({"seat": int(seat), "hired": int(free_at[seat]), "left": -1})
            current[seat], free_at[seat] = len(people) - 1, -1
        tenure = start - np.array([people[person]["hired"] for person in current])
        rate = np.where(tenure < 365, first_rate, truth.attrition) * np.where(senior, 0.35, 1)
        hazard = -np.log(1 - rate) / 12 * season[calendar.month[start] - 1]
        draw, day, gap = rng.random((3, seats))
        leaves = (free_at < 0) & (draw < 1 - np.exp(-hazard)) & (tenure > 20)
        for seat in np.flatnonzero(leaves):
            left = start + 4 + int(day[seat] * (end - start - 4))
            people[current[seat]]["left"] = left
            low, high = truth.vacancy_days if not senior[seat] else (0, 0)
            free_at[seat] = left + 1 + int(low + gap[seat] * (high - low))
    frame_people = pd.DataFrame(people)
    occupant = np.full((seats, span), -1, np.int32)
    for code, row in enumerate(people):
        until = row["left"] + 1 if row["left"] >= 0 else span
        occupant[row["seat"], max(0, row["hired"]) : until] = code
    return frame_people, occupant


def _covered(frame: Frame, occupant: NDArray[np.int32]) -> NDArray[np.int32]:
    """Who answers for a seat on a day: its occupant, else the team's manager."""
    managers = np.flatnonzero(frame.seats["group"] == "manager")
    team = frame.seats["team"].to_numpy()
    of_team = managers[np.searchsorted(team[managers], team)]
    boss = occupant[of_team]
    boss = np.where(boss < 0, np.maximum.accumulate(boss, axis=1), boss)
    covered = np.where(occupant < 0, boss, occupant)
    return np.asarray(covered, np.int32)


def _persons(frame: Frame, people: pd.DataFrame) -> pd.DataFrame:
    """One row a person with role, dates, pay and latents (skill, optimism, engagement)."""
    rng, truth = frame.rng("organisation/persons"), frame.truth
    count = len(people)
    chinese, english = names.people(count, rng)
    role = frame.seats["role"].to_numpy()[people["seat"]]
    low, high, multiple = (np.array([PAY[each][part] for each in role]) for part in range(3))
    base = np.round(low + (high - low) * rng.beta(2, 2.5, count), -2)
    skill, optimism, engagement = rng.standard_normal((3, count))
    return pd.DataFrame(
        {
            "rep_id": np.arange(count),
            "name": chinese,
            "name_en": english,
            "role": role,
            "seat": people["seat"],
            "hired": people["hired"],
            "left": people["left"],
            "quota": frame.seats["quota"].to_numpy()[people["seat"]],
            "base_pay": base,
            "target_pay": np.round(base * 12 * multiple, -3),
            "skill": truth.rep.skill_sd * skill * frame.on("skill"),
            "optimism": truth.deal.optimism_sd * optimism,
            "engagement": 7.0 + 1.2 * engagement,
        }
    )


def _trainings(frame: Frame) -> pd.DataFrame:
    """Courses taken: rep_id, training_date, course, hours; the sales course has an effect."""
    rng, calendar = frame.rng("organisation/trainings"), frame.calendar
    reps = frame.reps[frame.reps["quota"]]
    rows = []
    for course, rate, hours in (
        ("sales_method", frame.truth.rep.training_rate, 16),
        ("product_knowledge", 0.7, 8),
    ):
        for year in np.unique(calendar.year):
            taken = rng.random(len(frame.reps)) < rate
            day = rng.integers(0, 365, len(frame.reps))
            start = calendar.index(np.datetime64(f"{year}-01-01"))
            frame_year = pd.DataFrame(
                {
                    "rep_id": frame.reps["rep_id"],
                    "day": start + day,
                    "course": course,
                    "hours": hours,
                }
            )
            rows.append(frame_year[taken])
    found = pd.concat(rows, ignore_index=True)
    found = found[found["rep_id"].isin(reps["rep_id"])]
    hired = frame.reps["hired"].to_numpy()[found["rep_id"]]
    left = frame.reps["left"].to_numpy()[found["rep_id"]]
    left = np.where(left < 0, len(calendar.days) - 1, left)
    inside = (found["day"] >= np.maximum(hired + 10, 0)) & (found["day"] <= left - 5)
    found = found[inside].copy()
    found["day"] = calendar.next_working(found["day"])
    found["training_date"] = calendar.date(found["day"])
    return found.sort_values(["day", "rep_id"], ignore_index=True)


def _skill(frame: Frame) -> NDArray[np.float32]:
    """Log productivity by rep and day: skill, ramp, learning, training."""
    truth, reps = frame.truth.rep, frame.reps
    day = np.arange(len(frame.calendar.days))
    tenure = np.maximum(day[None, :] - reps["hired"].to_numpy()[:, None], 0)
    level = np.repeat(reps["skill"].to_numpy()[:, None], len(day), axis=1).astype(np.float32)
    if frame.on("ramp"):
        ramp = truth.ramp_start + (1 - truth.ramp_start) * tenure / truth.ramp_days
        level += np.log(np.minimum(ramp, 1)).astype(np.float32)
        experience = np.maximum(tenure - truth.ramp_days, 0) / truth.learning_days
        level += (truth.learning * (1 - np.exp(-experience)) - 0.6 * truth.learning).astype("f4")
    if frame.on("training"):
        course = frame.trainings[frame.trainings["course"] == "sales_method"]
        bump = np.zeros_like(level)
        for rep, start in zip(course["rep_id"], course["day"], strict=True):
            bump[rep, start : start + 365] = truth.training_effect
        level += bump
    return level


def _team_by_year(frame: Frame) -> Ints:
    """Team of each seat by year: some seats change team within their region each January."""
    rng = frame.rng("organisation/moves")
    years = np.unique(frame.calendar.year)
    team = np.repeat(frame.seats["team"].to_numpy()[:, None], len(years), axis=1)
    region = frame.seats["region"].to_numpy()
    movable = frame.seats["quota"].to_numpy() & (frame.seats["group"] != "online").to_numpy()
    for year in range(1, len(years)):
        team[:, year] = team[:, year - 1]
        draw, pick = rng.random((2, len(region)))
        for seat in np.flatnonzero(movable & (draw < MOVED_TEAMS) & frame.on("reorganisation")):
            others = np.unique(
                frame.seats["team"][(region == region[seat]) & (frame.seats["group"] == "hunter")]
            )
            team[seat, year] = others[int(pick[seat] * len(others))]
    return team


def _teams(frame: Frame) -> pd.DataFrame:
    """One row a team: code, region, name."""
    managers = frame.seats[frame.seats["group"] == "manager"]
    teams = managers[["team", "region"]].rename(columns={"team": "team_id"})
    number = teams.groupby("region", sort=False).cumcount() + 1
    labels = [REGION_LABELS[region] for region in teams["region"]]
    teams["name"] = [f"{zh}{n}部" for (_, zh), n in zip(labels, number, strict=True)]
    teams["name_en"] = [f"{en} {n}" for (en, _), n in zip(labels, number, strict=True)]
    teams["seat"] = managers.index
    last = teams.index[-1]
    teams.loc[last, ["name", "name_en"]] = ["电商部", "Online"]
    return teams.reset_index(drop=True)


def _team_table(frame: Frame) -> pd.DataFrame:
    """Teams by head: a row for each manager in turn."""
    head = frame.seat_rep[frame.teams["seat"].to_numpy(), : frame.calendar.as_of + 1]
    spans = _spans(head.astype(np.int64))
    spans["team_id"] = frame.teams["team_id"].to_numpy()[spans["row"]]
    teams = frame.teams.drop(columns="seat")
    table = spans.rename(columns={"value": "head_id"}).merge(teams, on="team_id")
    return _dated(frame, table).sort_values(["team_id", "valid_from"], ignore_index=True)


def _rep_table(frame: Frame, occupant: NDArray[np.int32], team_of: Ints) -> pd.DataFrame:
    """People by team and manager: a row for each stretch in which both held."""
    calendar = frame.calendar
    until = calendar.as_of + 1
    year = calendar.year[:until] - calendar.year[0]
    team = team_of[:, year]
    boss_seat = frame.teams.set_index("team_id")["seat"].to_numpy()
    boss = frame.seat_rep[boss_seat[team], np.arange(until)[None, :]]
    director = frame.seats[frame.seats["group"] == "director"].reset_index()
    lead = director.set_index("region")["index"].reindex(frame.seats["region"]).to_numpy()
    above = np.where(
        (frame.seats["group"] == "manager").to_numpy()[:, None],
        frame.seat_rep[lead][:, :until],
        boss,
    )
    above = np.where((frame.seats["group"] == "director").to_numpy()[:, None], -1, above)
    people = occupant[:, :until].astype(np.int64)
    spans = _spans(people * 10**9 + team * 10**5 + (above + 1))
    spans["rep_id"] = spans["value"] // 10**9
    spans["team_id"] = spans["value"] // 10**5 % 10**4
    spans["manager_id"] = spans["value"] % 10**5 - 1
    spans = spans[spans["value"] >= 0]
    kept = ["name", "name_en", "role", "base_pay", "target_pay", "hired", "left"]
    table = spans.join(frame.reps[kept], on="rep_id")
    table["hired_date"] = calendar.date(table["hired"])
    gone = (table["left"] >= 0) & (table["left"] < until)
    table["left_date"] = pd.Series(calendar.date(table["left"]), index=table.index).where(gone)
    first = ~table.duplicated("rep_id") & (table["from_day"] == 0)
    table.loc[first, "from_day"] = table.loc[first, "hired"]
    table["currency"] = "CNY"
    table = _dated(frame, table)
    table["valid_to"] = table["valid_to"].fillna(table["left_date"])
    return table.sort_values(["rep_id", "valid_from"], ignore_index=True)


def _spans(values: Ints) -> pd.DataFrame:
    """Runs of equal values along the columns of each row: row, value, from_day, to_day."""
    edge = np.ones(values.shape, bool)
    edge[:, 1:] = values[:, 1:] != values[:, :-1]
    row, start = np.nonzero(edge)
    stop = np.append(start[1:], 0) - 1
    stop = np.where(stop < 0, values.shape[1] - 1, stop)
    last = np.append(row[1:] != row[:-1], True)
    stop = np.where(last, values.shape[1] - 1, stop)
    return pd.DataFrame(
        {"row": row, "value": values[row, start], "from_day": start, "to_day": stop}
    )


def _dated(frame: Frame, table: pd.DataFrame) -> pd.DataFrame:
    """Validity dates from day indices; what lasts to the end stays open."""
    end = frame.calendar.as_of
    to = pd.Series(frame.calendar.date(table["to_day"]), index=table.index)
    since = frame.calendar.date(table["from_day"])
    return table.assign(valid_from=since, valid_to=to.where(table["to_day"] < end))


def _territories(frame: Frame) -> pd.DataFrame:
    """Provinces as territories of the teams of their region, by validity."""
    years = np.unique(frame.calendar.year)
    rows = []
    for number, row in enumerate(frame.geo.itertuples()):
        regions = frame.province_region[number]
        if regions[0] < 0:
            continue
        starts = [0, *np.flatnonzero(np.diff(regions)) + 1]
        for start, stop in zip(starts, [*starts[1:], len(years)], strict=True):
            region = REGIONS[regions[start]]
            teams = frame.teams.loc[frame.teams["region"] == region, "team_id"].to_numpy()
            teams = teams[:-1] if region == REGIONS[0] else teams
            rows.append(
                {
                    "territory_id": number,
                    "geo_code": row.geo_code,
                    "region": region,
                    "team_id": teams[number % len(teams)],
                    "valid_from": frame.calendar.days[0]
                    if start == 0
                    else np.datetime64(f"{years[start]}-01-01"),
                    "valid_to": None
                    if stop == len(years)
                    else np.datetime64(f"{years[stop] - 1}-12-31"),
                }
            )
    table = pd.DataFrame(rows)
    table["valid_to"] = pd.to_datetime(table["valid_to"]).astype("datetime64[s]")
    assert (table["valid_from"] <= pd.Timestamp(AS_OF)).all()
    return table
