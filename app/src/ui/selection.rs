//! The model of ticked rows. Pure: what a click, a shift-click or the box in the header does to the selection. It survives
//! sorting and paging, and never holds more rows than one action may name.

use std::collections::BTreeMap;
use uuid::Uuid;

/// Rows that one action may name.
pub const IDS_MAX: usize = 1_000;

/// A row that can be ticked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub id: Uuid,
    /// Remembered with a ticked row, so that the bar can say which verbs apply when its page is gone.
    pub archived: bool,
}

/// The box in the header, of the rows on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    None,
    Some,
    All,
}

/// Rows were left out because the selection is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Everything that the list matches is meant, on every page; then `marked` are the rows that are not.
    all: bool,
    marked: BTreeMap<Uuid, bool>,
    /// The row that was clicked last without shift: where a range begins.
    anchor: Option<Uuid>,
}

impl Selection {
    /// All that match, on every page.
    pub fn all_matching() -> Self {
        Self {
            all: true,
            ..Self::default()
        }
    }

    pub fn is_all(&self) -> bool {
        self.all
    }

    /// Rows that were named: those meant, or of all those that are not.
    pub fn len(&self) -> usize {
        self.marked.len()
    }

    pub fn is_empty(&self) -> bool {
        !self.all && self.marked.is_empty()
    }

    pub fn contains(&self, id: Uuid) -> bool {
        self.all != self.marked.contains_key(&id)
    }

    /// As [`Selection::len`] counts them.
    pub fn ids(&self) -> Vec<Uuid> {
        self.marked.keys().copied().collect()
    }

    /// How many of them are archived.
    pub fn archived(&self) -> usize {
        self.marked.values().filter(|archived| **archived).count()
    }

    /// A click on a row's box.
    pub fn toggle(&mut self, row: Row) -> Result<(), Full> {
        self.anchor = Some(row.id);
        let on = !self.contains(row.id);
        self.put(row, on)
    }

    /// A shift-click: the rows from the anchor to this one, in the order shown, become as the anchor is. Without an anchor on
    /// the page it is a click.
    pub fn extend(&mut self, row: Row, page: &[Row]) -> Result<(), Full> {
        let place = |id: Uuid| page.iter().position(|each| each.id == id);
        let (Some(from), Some(to)) = (self.anchor.and_then(place), place(row.id)) else {
            return self.toggle(row);
        };
        let on = self.contains(page[from].id);
        self.put_all(&page[from.min(to)..=from.max(to)], on)
    }

    /// What the box in the header shows.
    pub fn header(&self, page: &[Row]) -> Header {
        match page.iter().filter(|row| self.contains(row.id)).count() {
            0 => Header::None,
            count if count == page.len() => Header::All,
            _ => Header::Some,
        }
    }

    /// A click on the box in the header: none → page, page → none, some → page.
    pub fn press_header(&mut self, page: &[Row]) -> Result<(), Full> {
        self.anchor = None;
        self.put_all(page, self.header(page) != Header::All)
    }

    /// Ticks rows: those that were ticked before the script was there, or all of a page.
    pub fn adopt(&mut self, rows: &[Row]) -> Result<(), Full> {
        self.put_all(rows, true)
    }

    /// What is shown now is newer than what was remembered.
    pub fn refresh(&mut self, page: &[Row]) {
        for row in page {
            if let Some(archived) = self.marked.get_mut(&row.id) {
                *archived = row.archived;
            }
        }
    }

    fn put_all(&mut self, rows: &[Row], on: bool) -> Result<(), Full> {
        // Every row is tried: those that are in already fit where a new one does not.
        let mut all = Ok(());
        for row in rows {
            all = self.put(*row, on).and(all);
        }
        all
    }

    fn put(&mut self, row: Row, on: bool) -> Result<(), Full> {
        if on == self.all {
            self.marked.remove(&row.id);
        } else if self.marked.len() < IDS_MAX || self.marked.contains_key(&row.id) {
            self.marked.insert(row.id, row.archived);
        } else {
            return Err(Full);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ROWS: u128 = 30;
    const PAGE: usize = 10;

    fn row(number: u128) -> Row {
        Row {
            id: Uuid::from_u128(number),
            archived: number.is_multiple_of(3),
        }
    }

    /// A list of which a page is shown, in one order or the other, and a selection kept as a plain list of what is on.
    struct Naive {
        on: Vec<u128>,
        anchor: Option<u128>,
        page: usize,
        descending: bool,
    }

    impl Naive {
        fn visible(&self) -> Vec<u128> {
            let mut all: Vec<u128> = (0..ROWS).collect();
            if self.descending {
                all.reverse();
            }
            all[self.page * PAGE..(self.page + 1) * PAGE].to_vec()
        }

        fn is_on(&self, number: u128) -> bool {
            self.on.contains(&number)
        }

        fn set(&mut self, number: u128, on: bool) {
            self.on.retain(|each| *each != number);
            if on {
                self.on.push(number);
            }
        }

        fn click(&mut self, number: u128) {
            let on = !self.is_on(number);
            self.set(number, on);
            self.anchor = Some(number);
        }

        fn shift_click(&mut self, number: u128) {
            let visible = self.visible();
            match self.anchor.filter(|anchor| visible.contains(anchor)) {
                None => self.click(number),
                Some(anchor) => {
                    let on = self.is_on(anchor);
                    let mut inside = false;
                    for each in visible {
                        let edge = each == anchor || each == number;
                        if edge || inside {
                            self.set(each, on);
                        }
                        if edge && anchor != number {
                            inside = !inside;
                        }
                    }
                }
            }
        }

        fn click_header(&mut self) {
            let visible = self.visible();
            let all = visible.iter().all(|each| self.is_on(*each));
            for each in visible {
                self.set(each, !all);
            }
            self.anchor = None;
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Click(usize),
        ShiftClick(usize),
        Header,
        Page(usize),
        Sort,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0..PAGE).prop_map(Step::Click),
            4 => (0..PAGE).prop_map(Step::ShiftClick),
            2 => Just(Step::Header),
            2 => (0..ROWS as usize / PAGE).prop_map(Step::Page),
            1 => Just(Step::Sort),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn the_selection_is_what_a_plain_list_would_say(steps in proptest::collection::vec(step(), 0..25)) {
            let mut naive = Naive { on: Vec::new(), anchor: None, page: 0, descending: false };
            let mut selection = Selection::default();
            for step in steps {
                let page: Vec<Row> = naive.visible().into_iter().map(row).collect();
                let at = |place: usize| naive.visible()[place];
                match step {
                    Step::Click(place) => {
                        prop_assert!(selection.toggle(page[place]).is_ok());
                        naive.click(at(place));
                    }
                    Step::ShiftClick(place) => {
                        prop_assert!(selection.extend(page[place], &page).is_ok());
                        naive.shift_click(at(place));
                    }
                    Step::Header => {
                        prop_assert!(selection.press_header(&page).is_ok());
                        naive.click_header();
                    }
                    Step::Page(page) => naive.page = page,
                    Step::Sort => naive.descending = !naive.descending,
                }
                let page: Vec<Row> = naive.visible().into_iter().map(row).collect();
                let on = page.iter().filter(|row| naive.is_on(row.id.as_u128())).count();
                let header = match on { 0 => Header::None, PAGE => Header::All, _ => Header::Some };
                prop_assert_eq!(selection.header(&page), header);
                let mut expected = naive.on.clone();
                expected.sort_unstable();
                prop_assert_eq!(selection.ids().iter().map(Uuid::as_u128).collect::<Vec<_>>(), expected);
                let archived = naive.on.iter().filter(|number| row(**number).archived).count();
                prop_assert_eq!(selection.archived(), archived);
            }
        }
    }

    #[test]
    fn a_full_selection_says_so_and_keeps_what_it_has() {
        let rows: Vec<Row> = (0..IDS_MAX as u128 + 5).map(row).collect();
        let mut selection = Selection::default();
        assert_eq!(selection.press_header(&rows), Err(Full));
        assert_eq!(selection.len(), IDS_MAX);
        assert_eq!(selection.toggle(rows[IDS_MAX]), Err(Full));
        assert_eq!(selection.toggle(rows[0]), Ok(()));
        assert_eq!(selection.toggle(rows[IDS_MAX]), Ok(()));
        assert!(!selection.contains(rows[0].id) && selection.contains(rows[IDS_MAX].id));
    }

    #[test]
    fn all_but_some_is_kept_as_those_some() {
        let page: Vec<Row> = (0..5).map(row).collect();
        let mut selection = Selection::all_matching();
        assert_eq!(selection.header(&page), Header::All);
        assert_eq!(selection.toggle(page[3]), Ok(()));
        assert!(!selection.contains(page[3].id) && selection.contains(row(99).id));
        assert_eq!(
            (selection.ids(), selection.header(&page)),
            (vec![page[3].id], Header::Some)
        );
        assert_eq!(selection.press_header(&page), Ok(()));
        assert_eq!((selection.len(), selection.header(&page)), (0, Header::All));
        assert_eq!(selection.press_header(&page), Ok(()));
        assert_eq!(
            (selection.len(), selection.header(&page)),
            (5, Header::None)
        );
        assert!(!selection.is_empty());
    }

    #[test]
    fn an_empty_page_has_an_empty_header() {
        assert_eq!(Selection::default().header(&[]), Header::None);
    }
}
