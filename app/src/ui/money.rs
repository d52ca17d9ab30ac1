//! Money in cells: code left, amount right, decimals under each other. Currencies stand below each other, never added.

use super::{markup::Markup, table};
use crate::money::Money;

/// Amounts that a cell can show before it says how many more there are.
const SHOWN_MAX: usize = 2;

/// The amounts of a cell; a dash for none.
pub fn amounts(markup: &mut Markup, amounts: &[Money]) {
    if amounts.is_empty() {
        return table::no_value(markup);
    }
    let shown = if amounts.len() > SHOWN_MAX {
        1
    } else {
        amounts.len()
    };
    for money in &amounts[..shown] {
        amount(markup, money);
    }
    if amounts.len() > shown {
        let all = amounts
            .iter()
            .map(Money::to_string)
            .collect::<Vec<_>>()
            .join(", ");
        markup
            .raw(r#"<span class="money" title=""#)
            .text(&all)
            .raw(r#""><span></span> <span>+"#)
            .text(&(amounts.len() - shown))
            .raw(" currencies</span></span>");
    }
}

/// One amount. Currencies without decimals keep the room of two, so that the units of a column line up.
pub fn amount(markup: &mut Markup, money: &Money) {
    markup
        .raw(r#"<span class="money"><span>"#)
        .text(&money.currency.code())
        .raw("</span> <span>")
        .text(&money.amount());
    if money.currency.decimals() == 0 {
        markup.raw(r#"<span class="invisible" aria-hidden="true">.00</span>"#);
    }
    markup.raw("</span></span>");
}
