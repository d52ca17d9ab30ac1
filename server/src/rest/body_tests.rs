use super::*;

fn field_of(error: AppError) -> String {
    error.param().unwrap_or_default().to_owned()
}

fn fields(body: &str) -> Fields {
    Fields::parse(body.as_bytes()).unwrap()
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    let deep = "[".repeat(1_000);
    for body in [
        "",
        "{",
        "[]",
        "null",
        "7",
        "\u{feff}{}",
        r#"{"a":1e400}"#,
        r#"{"a":"\ud800"}"#,
        "{} {}",
        &deep,
    ] {
        assert_eq!(
            Fields::parse(body.as_bytes()).map_err(field_of),
            Err("body".to_owned()),
            "{body}"
        );
    }
    assert!(Fields::parse(b"{\"a\":\"\xff\"}").is_err());
    assert_eq!(
        field_of(Fields::parse(br#"{"a":[{"b":"\u0000"}]}"#).unwrap_err()),
        "a"
    );
    assert_eq!(fields(r#"{"a":1,"a":2}"#).integer("a").unwrap(), Some(2));
}

#[test]
fn what_does_not_fit_is_named() {
    let body = fields(
        r#"{"text":7,"big":9223372036854775808,"half":1.5,"ids":["x"],"list":[{"id":"y"}],"deep":{"on":1},"none":null}"#,
    );
    let item = body.objects("list").unwrap().unwrap().remove(0);
    let deep = body.object("deep").unwrap().unwrap();
    for (error, name) in [
        (body.text("text").unwrap_err(), "text"),
        (body.integer("big").unwrap_err(), "big"),
        (body.integer("half").unwrap_err(), "half"),
        (body.uuids("ids").unwrap_err(), "ids[0]"),
        (body.texts("deep").unwrap_err(), "deep"),
        (item.uuid("id").unwrap_err(), "list[0].id"),
        (deep.boolean("on").unwrap_err(), "deep.on"),
        (body.need("none", Fields::text).unwrap_err(), "none"),
        (body.labels("deep").unwrap_err(), "deep.on"),
        (deep.only(&["off"]).unwrap_err(), "deep.on"),
    ] {
        assert_eq!(field_of(error), name);
    }
}

#[test]
fn times_have_an_offset_and_a_year_of_ours() {
    let noon = time("at", "2026-11-01T12:00:00Z").unwrap();
    assert_eq!(
        time("at", "2026-11-01T14:00:00.0000009+02:00").unwrap(),
        noon
    );
    for text in [
        "",
        "2026-11-01",
        "2026-11-01T12:00:00",
        "10000-01-01T00:00:00Z",
        "1899-12-31T23:59:59Z",
        "2026-02-30T00:00:00Z",
    ] {
        assert!(time("at", text).is_err(), "{text}");
    }
}

#[test]
fn ids_are_hyphenated() {
    assert!(uuid("id", "018F3C1E-7a00-7000-8000-000000000001").is_ok());
    for text in [
        "",
        "018f3c1e7a0070008000000000000001",
        "{018f3c1e-7a00-7000-8000-000000000001}",
        "x",
    ] {
        assert!(uuid("id", text).is_err(), "{text}");
    }
}
