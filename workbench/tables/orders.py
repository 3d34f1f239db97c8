"""Orders and money: contract, order line, delivery, invoice, plan, receipt, match, return."""

from __future__ import annotations

from workbench.tables.common import (
    APPROVALS,
    account_ref,
    channel,
    col,
    currency,
    key,
    money,
    partner_ref,
    product_line,
    product_ref,
    region,
    rep_ref,
    tax_basis,
    tax_rate,
    taxed_money,
    team_ref,
)
from workbench.tables.declare import Column, Table


def _contract_ref() -> Column:
    return col(
        "contract_id",
        "id",
        "Contract",
        "合同编号",
        "Contract it belongs to; empty for orders without one.",
        "所属合同；无合同订单为空。",
        references="contract.contract_id",
        needed=False,
    )


def _order_ref(*, needed: bool = False) -> Column:
    return col(
        "order_id", "id", "Order", "订单编号", "Order it belongs to.", "所属订单。", needed=needed
    )


def _line_ref() -> Column:
    return col(
        "order_line_id",
        "id",
        "Order line",
        "订单行编号",
        "Order line it belongs to.",
        "所属订单行。",
        references="order_line.order_line_id",
    )


def _quantity(help_en: str, help_zh: str) -> Column:
    return col("quantity", "number", "Quantity", "数量", help_en, help_zh, unit="pieces")


CONTRACT = Table(
    "contract",
    "orders",
    ("Contracts", "合同"),
    (
        "Signed contracts, with cancellations and reductions as rows of their own: bookings.",
        "已签合同，作废与减项单独成行：签约额的来源。",
    ),
    ("contract_id",),
    (
        key("contract_id", "Contract", "合同编号"),
        col(
            "contract_type",
            "choice",
            "Type",
            "合同类型",
            "Sale, service, framework (counts through its orders) or reversal (negative).",
            "销售、服务、框架（按订单计）或冲减（负数）。",
            choices={
                "sale": ("Sale", "销售"),
                "service": ("Service", "服务"),
                "framework": ("Framework agreement", "框架协议"),
                "reversal": ("Cancellation or reduction", "作废与减项"),
            },
        ),
        account_ref(),
        col(
            "opportunity_id",
            "id",
            "Opportunity",
            "商机编号",
            "Deal it came from.",
            "来源商机。",
            references="opportunity.opportunity_id",
            needed=False,
        ),
        rep_ref(needed=False),
        region(),
        product_line(needed=False),
        channel(needed=False),
        col("signed_date", "date", "Signed on", "签订日期", "Day it was signed.", "签订日期。"),
        money(
            "amount",
            "Amount",
            "合同金额",
            "Contract amount; negative for a reversal.",
            "合同金额；冲减为负。",
        ),
        *taxed_money(),
        col(
            "reverses_id",
            "id",
            "Reverses",
            "冲减合同",
            "Contract this row cancels or reduces.",
            "被作废或减项的合同。",
            references="contract.contract_id",
            needed=False,
            present=False,
        ),
        col(
            "terms",
            "text",
            "Payment terms",
            "付款方式",
            "Instalments in tenths, such as 3-3-3-1.",
            "分期比例，如3-3-3-1。",
            needed=False,
            present=False,
        ),
    ),
)

ORDER_LINE = Table(
    "order_line",
    "orders",
    ("Order lines", "订单明细"),
    (
        "What was ordered, at which price, and when revenue was recognised: the base of sales analysis.",
        "订了什么、什么价格、何时确认收入：销售分析的基础。",
    ),
    ("order_line_id",),
    (
        key("order_line_id", "Order line", "订单行编号"),
        _order_ref(needed=True),
        account_ref(),
        _contract_ref(),
        product_ref(),
        product_line(),
        region(),
        channel(),
        rep_ref(needed=False),
        partner_ref(needed=False),
        col("order_date", "date", "Ordered on", "下单日期", "Day of the order.", "下单日期。"),
        col(
            "recognised_date",
            "date",
            "Recognised on",
            "收入确认日期",
            "Day revenue was recognised; empty until then.",
            "收入确认日期；未确认为空。",
            needed=False,
        ),
        _quantity("Pieces ordered.", "订购数量。"),
        money(
            "list_price",
            "List price",
            "目录价",
            "List price a piece on the day.",
            "当日单件目录价。",
            kind="price",
            needed=False,
        ),
        money(
            "net_price",
            "Net price",
            "成交价",
            "Price a piece paid.",
            "单件成交价。",
            kind="price",
            needed=False,
        ),
        money("amount", "Amount", "金额", "Quantity times net price.", "数量×成交价。"),
        *taxed_money(),
        col(
            "promotion_id",
            "id",
            "Promotion",
            "促销编号",
            "Price change or promotion in force.",
            "适用的调价或促销。",
            references="price_promotion.promotion_id",
            needed=False,
            present=False,
        ),
        col(
            "approval",
            "choice",
            "Approval",
            "审批级别",
            "Level that approved the discount.",
            "批准折扣的级别。",
            choices=APPROVALS,
            needed=False,
            present=False,
        ),
        col(
            "fulfilled_by",
            "id",
            "Fulfilled by",
            "履约方",
            "Partner that delivered an order sold by another party (O2O); empty when we deliver.",
            "线上线下分工时的履约渠道商；自行发货为空。",
            references="partner.partner_id",
            needed=False,
            present=False,
        ),
        col(
            "margin_share",
            "share",
            "Fulfiller's share",
            "履约方分成",
            "Share of the margin that goes to the fulfilling partner.",
            "毛利中归履约方的比例。",
            unit="share",
            minimum=0,
            maximum=1,
            needed=False,
            present=False,
        ),
    ),
)

DELIVERY = Table(
    "delivery",
    "orders",
    ("Deliveries", "发货单"),
    ("What was shipped when, against which order line.", "何时按哪条订单行发了多少货。"),
    ("delivery_id",),
    (
        key("delivery_id", "Delivery line", "发货行编号"),
        _line_ref(),
        col(
            "ship_date",
            "date",
            "Shipped on",
            "发货日期",
            "Day of the delivery note.",
            "发货单日期。",
        ),
        col(
            "received_date",
            "date",
            "Received on",
            "签收日期",
            "Day the customer signed for it.",
            "客户签收日期。",
            needed=False,
            present=False,
        ),
        _quantity("Pieces shipped.", "发货数量。"),
    ),
)

INVOICE = Table(
    "invoice",
    "orders",
    ("VAT invoices", "增值税发票"),
    ("Invoices issued, red-letter invoices as negative rows.", "已开发票，红字发票为负数行。"),
    ("invoice_id",),
    (
        key("invoice_id", "Invoice", "发票编号"),
        col(
            "invoice_number",
            "id",
            "Invoice number",
            "发票号码",
            "Printed number, 20 digits, text.",
            "票面号码，20位，文本。",
            pattern=r"[0-9]{8,20}",
            needed=False,
            present=False,
        ),
        col(
            "invoice_type",
            "choice",
            "Type",
            "类型",
            "Blue (regular) or red-letter (credit).",
            "蓝字或红字发票。",
            choices={"blue": ("Regular", "蓝字"), "red": ("Red-letter", "红字")},
        ),
        account_ref(),
        _contract_ref(),
        _order_ref(),
        region(needed=False),
        col("invoice_date", "date", "Issued on", "开票日期", "Day of issue.", "开票日期。"),
        money(
            "amount",
            "Amount",
            "开票金额",
            "Invoice total; negative for red-letter.",
            "价税合计；红字为负。",
        ),
        *taxed_money(),
        col(
            "corrects_id",
            "id",
            "Corrects",
            "对应蓝字发票",
            "Invoice a red-letter invoice corrects.",
            "红字发票所对应的蓝字发票。",
            references="invoice.invoice_id",
            needed=False,
            present=False,
        ),
    ),
)

RECEIVABLE_PLAN = Table(
    "receivable_plan",
    "orders",
    ("Receivable plan", "应收计划"),
    (
        "Instalments and when each is due: the base of overdue and collection rates.",
        "每期应收及到期日：逾期与回款率的基础。",
    ),
    ("plan_id",),
    (
        key("plan_id", "Instalment", "应收行编号"),
        account_ref(),
        _contract_ref(),
        _order_ref(),
        region(needed=False),
        rep_ref(needed=False),
        col(
            "instalment_type",
            "choice",
            "Type",
            "款项类型",
            "Advance, delivery, acceptance or retention money.",
            "预付款、发货款、验收款或质保金。",
            choices={
                "advance": ("Advance", "预付款"),
                "delivery": ("On delivery", "发货款"),
                "acceptance": ("On acceptance", "验收款"),
                "retention": ("Retention money", "质保金"),
                "open_account": ("Open account", "账期款"),
            },
        ),
        col(
            "booked_date", "date", "Booked on", "入账日期", "Day the claim arose.", "应收形成日期。"
        ),
        col("due_date", "date", "Due on", "到期日", "Day it is due.", "应收到期日。"),
        money("amount", "Amount", "应收金额", "Amount due.", "应收金额。", basis="incl"),
        currency(),
    ),
)

RECEIPT = Table(
    "receipt",
    "orders",
    ("Receipts", "到账记录"),
    (
        "Money received and refunds paid; unclaimed receipts stay here without an account.",
        "到账与退款；未认领回款保留在此，客户为空。",
    ),
    ("receipt_id",),
    (
        key("receipt_id", "Receipt", "到账编号"),
        account_ref(needed=False),
        col(
            "payer",
            "text",
            "Payer",
            "付款方",
            "Name on the bank statement.",
            "银行流水上的付款方。",
            needed=False,
            present=False,
        ),
        region(needed=False),
        rep_ref(needed=False),
        col("receipt_date", "date", "Received on", "到账日期", "Day of receipt.", "到账日期。"),
        money(
            "amount",
            "Amount",
            "到账金额",
            "Amount received; negative for a refund.",
            "到账金额；退款为负。",
            basis="incl",
        ),
        currency(),
        col(
            "method",
            "choice",
            "Method",
            "方式",
            "Transfer, bank acceptance draft, commercial draft or platform.",
            "转账、银行承兑汇票、商业汇票或平台结算。",
            choices={
                "transfer": ("Transfer", "转账"),
                "bank_draft": ("Bank acceptance draft", "银行承兑汇票"),
                "commercial_draft": ("Commercial draft", "商业承兑汇票"),
                "platform": ("Platform", "平台结算"),
            },
        ),
        col(
            "draft_due_date",
            "date",
            "Draft due on",
            "汇票到期日",
            "Day a draft turns into money.",
            "汇票到期日。",
            needed=False,
            present=False,
        ),
    ),
)

RECEIPT_MATCH = Table(
    "receipt_match",
    "orders",
    ("Receipt matches", "回款核销"),
    (
        "Which receipt settles which instalment or invoice, and how much of it.",
        "哪笔到账核销哪期应收或发票，各多少。",
    ),
    ("receipt_id", "plan_id"),
    (
        col(
            "receipt_id",
            "id",
            "Receipt",
            "到账编号",
            "Receipt that settles.",
            "用于核销的到账。",
            references="receipt.receipt_id",
        ),
        col(
            "plan_id",
            "id",
            "Instalment",
            "应收行编号",
            "Instalment settled.",
            "被核销的应收。",
            references="receivable_plan.plan_id",
        ),
        col(
            "matched_date",
            "date",
            "Matched on",
            "核销日期",
            "Day it counts as settled.",
            "核销生效日期。",
        ),
        money(
            "amount",
            "Amount",
            "核销金额",
            "Part of the receipt used.",
            "本次核销金额。",
            basis="incl",
        ),
        currency(),
    ),
)

RETURN_REFUND = Table(
    "return_refund",
    "orders",
    ("Returns and refunds", "退货退款"),
    ("Goods and money given back, against the order line.", "按订单行退回的货与款。"),
    ("return_id",),
    (
        key("return_id", "Return", "退货编号"),
        _line_ref(),
        col("return_date", "date", "Returned on", "退货日期", "Day of the return.", "退货日期。"),
        _quantity("Pieces returned.", "退货数量。"),
        money("amount", "Amount", "退货金额", "Value returned, positive.", "退货金额，正数。"),
        currency(),
        tax_basis(),
        tax_rate(),
        col(
            "reason",
            "text",
            "Reason",
            "原因",
            "Reason given.",
            "退货原因。",
            needed=False,
            present=False,
        ),
    ),
)

EXPENSE = Table(
    "expense",
    "orders",
    ("Selling expenses", "销售费用"),
    ("Pay, travel, marketing, freight: cost of selling.", "薪酬、差旅、市场、运费等销售费用。"),
    ("expense_id",),
    (
        key("expense_id", "Expense", "费用编号"),
        col("expense_date", "date", "Date", "日期", "Day it was booked.", "入账日期。"),
        col(
            "expense_type",
            "choice",
            "Type",
            "类型",
            "What the money was spent on.",
            "费用用途。",
            choices={
                "pay": ("Pay", "薪酬"),
                "travel": ("Travel", "差旅"),
                "marketing": ("Marketing", "市场"),
                "freight": ("Freight", "运费"),
                "training": ("Training", "培训"),
                "other": ("Other", "其他"),
            },
        ),
        region(needed=False),
        team_ref(),
        money("amount", "Amount", "金额", "Amount spent.", "费用金额。", basis="excl"),
        currency(),
    ),
)

EXCHANGE_RATE = Table(
    "exchange_rate",
    "orders",
    ("Exchange rates", "汇率"),
    ("Base currency for one unit of a foreign currency, by day.", "每单位外币折合本位币，按日。"),
    ("currency", "rate_date"),
    (
        currency(),
        col(
            "rate_date", "date", "Date", "日期", "Day from which the rate holds.", "汇率生效日期。"
        ),
        col(
            "rate",
            "number",
            "Rate",
            "汇率",
            "Base currency for one unit.",
            "一单位外币折合的本位币。",
            unit="base per unit",
            minimum=0,
        ),
    ),
)

TABLES = (
    CONTRACT,
    ORDER_LINE,
    DELIVERY,
    INVOICE,
    RECEIVABLE_PLAN,
    RECEIPT,
    RECEIPT_MATCH,
    RETURN_REFUND,
    EXPENSE,
    EXCHANGE_RATE,
)
