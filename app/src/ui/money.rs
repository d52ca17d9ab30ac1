//! Money in cells: code left, amount right, decimals under each other. Currencies stand below each other, never added.

use crate::money::Money;
use leptos::prelude::*;

/// Amounts that a cell can show before it says how many more there are.
const SHOWN_MAX: usize = 2;

/// The amounts of a cell; a dash for none.
pub fn amounts(amounts: &[Money]) -> AnyView {
    if amounts.is_empty() {
        return super::table::none();
    }
    let shown = if amounts.len() > SHOWN_MAX {
        1
    } else {
        amounts.len()
    };
    let rows = amounts[..shown].iter().map(amount).collect_view();
    let rest = (amounts.len() > shown).then(|| {
        let all = amounts
            .iter()
            .map(Money::to_string)
            .collect::<Vec<_>>()
            .join(", ");
        view! {
            <span class="money" title=all>
                <span></span>
                <span>{format!("+{} currencies", amounts.len() - shown)}</span>
            </span>
        }
    });
    view! { {rows}{rest} }.into_any()
}

/// One amount. Currencies without decimals keep the room of two, so that the units of a column line up.
pub fn amount(money: &Money) -> AnyView {
    let room = (money.currency.decimals() == 0)
        .then(|| view! { <span class="invisible" aria-hidden="true">".00"</span> });
    view! {
        <span class="money">
            <span>{money.currency.code().to_owned()}</span>
            " "
            <span>{money.amount()}{room}</span>
        </span>
    }
    .into_any()
}
