-- rows: leads
-- en: Leads by the day they came in
-- zh: 线索，按进入日期
-- tables: lead
-- cuts: account, source, product_line, campaign_id
select account_id, region, rep_id, source, product_line, campaign_id,
    cast(created_at at time zone 'Asia/Shanghai' as date) as day, converted_date
from lead;

-- rows: conversions
-- en: Leads by the day they became opportunities
-- zh: 线索，按转商机日期
-- tables: lead
-- cuts: account, source, product_line, campaign_id
select account_id, region, rep_id, source, product_line, campaign_id, converted_date as day
from lead
where converted_date is not null;

-- rows: deals_created
-- en: Opportunities by creation date
-- zh: 商机，按创建日期
-- tables: opportunity
-- cuts: account, source, product_line, channel
select opportunity_id, account_id, region, rep_id, source, product_line, channel, status,
    created_date as day, close_date,
    gross_amount(amount, tax_basis, tax_rate) as gross,
    gross_amount(coalesce(first_amount, amount), tax_basis, tax_rate) as first_gross
from opportunity;

-- rows: deals_closed
-- en: Opportunities won or lost, by close date
-- zh: 已赢单或输单的商机，按关闭日期
-- tables: opportunity
-- cuts: account, source, product_line, channel
select opportunity_id, account_id, region, rep_id, source, product_line, channel, status,
    close_date as day, date_diff('day', created_date, close_date) as days,
    gross_amount(amount, tax_basis, tax_rate) as gross,
    gross_amount(coalesce(first_amount, amount), tax_basis, tax_rate) as first_gross
from opportunity
where status in ('won', 'lost') and close_date is not null;

-- rows: open_deals
-- en: Opportunities open on the day, at the amounts stated last
-- zh: 时点未关闭的商机，按最近所报金额
-- dated: period
-- tables: opportunity
-- cuts: account, source, product_line, channel, stage
select t.period, t.seen as org_day, o.opportunity_id, o.account_id, o.region, o.rep_id, o.source,
    o.product_line, o.channel, o.probability, t.seen, o.created_date,
    case when o.stage_date is null or o.stage_date <= t.seen then o.stage end as stage,
    case when o.stage_date <= t.seen then o.stage_date end as stage_date,
    o.expected_close_date between t.first and t.last as expected_in_period,
    gross_amount(o.amount, o.tax_basis, o.tax_rate) as gross
from opportunity o join periods t on o.created_date <= t.seen
    and (o.close_date is null or o.close_date > t.seen)
where o.close_date is not null or o.status = 'open';

-- rows: typed_deals
-- en: Opportunities open on the day, with the probability typed in, or that of their stage
-- zh: 时点未关闭的商机，附系统填报赢率，未填者取阶段默认值
-- dated: period
-- uses: open_deals
-- cuts: account, source, product_line, channel, stage
select d.* replace (coalesce(d.probability, g.probability) as probability)
from open_deals d left join stages g on g.stage = d.stage;

-- rows: staged_deals
-- en: Opportunities open on the day, with their stage of the day
-- zh: 时点未关闭的商机，附当时阶段
-- dated: period
-- tables: opportunity_snapshot
-- uses: open_deals
-- cuts: account, source, product_line, channel, stage
with seen_stage as (
    select d.period, d.opportunity_id, arg_max(s.stage, s.snapshot_date) as stage
    from open_deals d join opportunity_snapshot s on s.opportunity_id = d.opportunity_id
        and s.snapshot_date <= d.seen
    where d.stage is null or d.stage_date is null
    group by all
), staged as (
    select d.* replace (coalesce(d.stage, s.stage) as stage)
    from open_deals d left join seen_stage s using (period, opportunity_id)
), first_seen as (
    select d.period, d.opportunity_id, min(s.snapshot_date) as entered
    from staged d join opportunity_snapshot s on s.opportunity_id = d.opportunity_id
        and s.stage = d.stage and s.snapshot_date <= d.seen
    where d.stage_date is null
    group by all
)
select d.* replace (coalesce(d.stage_date, f.entered, d.created_date) as stage_date),
    date_diff('day', d.created_date, d.seen) as age
from staged d left join first_seen f using (period, opportunity_id);

-- rows: measured_chances
-- en: Share won by stage and age, measured on snapshots 12 to 36 months before the day
-- zh: 按阶段与存续时间实测的赢单比例，取时点前12至36个月的快照
-- dated: period
-- tables: opportunity_snapshot, opportunity
with watched as (
    select t.period, s.stage, date_diff('day', o.created_date, s.snapshot_date) as age,
        coalesce(o.status = 'won' and o.close_date <= t.seen, false) as won
    from opportunity_snapshot s join opportunity o using (opportunity_id)
    join periods t on s.snapshot_date > t.seen - interval 36 month
        and s.snapshot_date <= t.seen - interval 12 month
    where s.status = 'open'
), by_stage as (
    select period, stage, avg(won::int) as chance from watched group by all
), cells as (
    select period, stage, (age > 60)::int + (age > 120)::int + (age > 240)::int as band,
        avg(won::int) as chance, count(*) as n
    from watched group by all
), bands as (select unnest([0, 1, 2, 3]) as band)
select s.period, s.stage, b.band,
    case when c.n >= 30 then c.chance else s.chance end as chance
from by_stage s cross join bands b left join cells c using (period, stage, band);

-- rows: weighted_deals
-- en: Open opportunities with their measured probability
-- zh: 未关闭商机，附实测概率
-- dated: period
-- uses: staged_deals, measured_chances
-- cuts: account, source, product_line, channel, stage
select d.*, m.chance
from staged_deals d left join measured_chances m
    on m.period = d.period and m.stage = d.stage and m.band = (d.age > 60)::int + (d.age > 120)::int + (d.age > 240)::int;

-- rows: usual_stays
-- en: Days below which four of five won opportunities left a stage, from snapshots
-- zh: 八成赢单商机离开各阶段的天数上限，取自快照
-- dated: period
-- tables: opportunity_snapshot, opportunity
with seen_stages as (
    select o.opportunity_id, s.stage, o.created_date, o.close_date,
        min(s.snapshot_date) as entered
    from opportunity_snapshot s join opportunity o using (opportunity_id)
    where o.status = 'won' and s.status = 'open' and s.snapshot_date <= o.close_date
    group by all
), in_order as (
    select *, row_number() over (partition by opportunity_id order by entered, stage) as place,
        lead(entered) over (partition by opportunity_id order by entered, stage) as next_entered
    from seen_stages
), stays as (
    select stage, close_date, date_diff('day',
        case when place = 1 then created_date else entered end,
        coalesce(next_entered, close_date)) as days
    from in_order
)
select t.period, s.stage, quantile_cont(s.days, 0.8) as p80
from stays s join periods t on s.close_date <= t.seen
group by all;

-- rows: staying_deals
-- en: Open opportunities, and whether they stay in their stage longer than usual
-- zh: 未关闭商机，以及是否超出阶段的通常停留
-- dated: period
-- uses: staged_deals, usual_stays
-- cuts: account, source, product_line, channel, stage
select d.*, coalesce(date_diff('day', d.stage_date, d.seen) > u.p80, false) as overstays
from staged_deals d left join usual_stays u on u.period = d.period and u.stage = d.stage;

-- rows: silent_deals
-- en: Open opportunities, and whether 30 days have passed without activity
-- zh: 未关闭商机，以及是否30天无跟进
-- dated: period
-- tables: activity
-- uses: open_deals
-- cuts: account, source, product_line, channel, stage
with latest as (
    select t.period, a.opportunity_id, max(a.activity_date) as last_day
    from activity a join periods t on a.activity_date <= t.seen
        and a.activity_date > t.seen - 30
    group by all
)
select d.*, l.last_day is null and date_diff('day', d.created_date, d.seen) >= 30 as silent
from open_deals d left join latest l
    on l.period = d.period and l.opportunity_id = d.opportunity_id;

-- rows: watched_deals
-- en: Open opportunities that stay too long or are silent, and all others
-- zh: 未关闭商机，标明停留过久与无跟进者
-- dated: period
-- uses: staying_deals, silent_deals
-- cuts: account, source, product_line, channel, stage
select d.*, s.silent
from staying_deals d join silent_deals s using (period, opportunity_id);

-- rows: expected_deals
-- en: Opportunities expected to close in the period at its start, and whether they moved beyond it
-- zh: 期初预计期内成交的商机，以及是否被推迟到期后
-- dated: period
-- tables: opportunity_snapshot, opportunity?
-- cuts: account, source, product_line, channel
with opening as (
    select t.period, t.last, t.seen, max(s.snapshot_date) as snapshot_date
    from periods t join (select distinct snapshot_date from opportunity_snapshot) s
        on s.snapshot_date <= t.first
    group by all
), expected as (
    select b.period, b.last, b.seen, s.opportunity_id, b.snapshot_date,
        gross_amount(s.amount, s.tax_basis, coalesce(o.tax_rate, 0.13)) as gross,
        o.account_id, o.region, o.rep_id, o.source, o.product_line, o.channel
    from opening b join opportunity_snapshot s using (snapshot_date)
    join periods t on t.period = b.period
        and s.expected_close_date between t.first and t.last
    left join opportunity o on o.opportunity_id = s.opportunity_id
    where s.status = 'open'
), latest as (
    select e.period, e.opportunity_id,
        arg_max(s.expected_close_date, s.snapshot_date) as expected_at_last,
        arg_max(s.status, s.snapshot_date) as status_at_last
    from expected e join opportunity_snapshot s on s.opportunity_id = e.opportunity_id
        and s.snapshot_date > e.snapshot_date and s.snapshot_date <= e.seen
    group by all
)
select e.*, e.seen as org_day,
    coalesce(l.status_at_last = 'open' and l.expected_at_last > e.last, false) as slipped
from expected e left join latest l using (period, opportunity_id);

-- rows: stage_steps
-- en: Opportunities created in the period, one row for each stage they entered and left
-- zh: 期内新建商机，每进入并离开一个阶段一行
-- tables: opportunity, opportunity_snapshot
-- settings: stages
-- cuts: account, source, product_line, channel, stage
with seen_stages as (
    select s.opportunity_id, g.place
    from opportunity_snapshot s join stages g on g.stage = s.stage
    where g.status = 'open' and s.snapshot_date <= {as_of}
    union
    select o.opportunity_id, g.place
    from opportunity o join stages g on g.stage = o.stage
    where g.status = 'open' and coalesce(o.stage_date, o.created_date) <= {as_of}
), ends as (
    select o.opportunity_id, o.account_id, o.region, o.rep_id, o.source, o.product_line,
        o.channel, o.created_date as day,
        coalesce(o.status = 'won' and o.close_date <= {as_of}, false) as won,
        coalesce(o.close_date <= {as_of}, false) as closed,
        coalesce((select max(v.place) from seen_stages v
            where v.opportunity_id = o.opportunity_id), 1) as reached
    from opportunity o
)
select e.* exclude (reached), g.stage, g.place,
    e.won or e.reached > g.place as passed,
    exists (select 1 from seen_stages v
        where v.opportunity_id = e.opportunity_id and v.place = g.place) as seen_here
from ends e join stages g on g.status = 'open'
    and (e.won or g.place <= e.reached)
where e.won or e.closed or g.place < e.reached;
