//! The query language of the official command line.

use expect_test::expect;
use proptest::prelude::*;
use serde_json::json;
use vastai::ErrorKind;
use vastai::offers::Query;

/// The conditions of a query, as they are sent.
fn sent(query: &str) -> String {
    let query: Query = query.parse().unwrap_or_else(|error| panic!("{error}"));
    let conditions = query.conditions().map(|it| format!("{} {} {}", it.field, it.operator, it.value));
    let any = query.any_value().map(|field| format!("{field} any"));
    conditions.chain(any).collect::<Vec<_>>().join("; ")
}

fn refused(query: &str) -> String {
    query.parse::<Query>().unwrap_err().to_string()
}

#[test]
fn what_the_official_command_line_documents() {
    let queries = [
        "reliability > 0.98 num_gpus=1 gpu_name=RTX_3090",
        "compute_cap > 610 total_flops > 5 datacenter=True",
        "reliability>0.99 num_gpus=4 geolocation in [TW,SE]",
        r#"reliability>0.99 gpu_name in ["RTX 4090", "RTX 3090"] geolocation notin [CN,VN]"#,
        "disk_space>146 duration>24 gpu_ram>10 cuda_vers>=12.1 direct_port_count>=2 driver_version >= 535.86.05",
        "reliability > 0.99  num_gpus>=4 verified=False",
        "cpu_arch=arm64",
        "geolocation not in ['XV','XZ']",
    ];
    expect![[r#"
        reliability gt 0.98; num_gpus eq 1; gpu_name eq "RTX 3090"
        compute_cap gt 610; total_flops gt 5; datacenter eq true
        reliability gt 0.99; num_gpus eq 4; geolocation in ["TW","SE"]
        reliability gt 0.99; gpu_name in ["RTX 4090","RTX 3090"]; geolocation notin ["CN","VN"]
        disk_space gt 146; duration gt 2073600; gpu_ram gt 10000; cuda_max_good gte 12.1; direct_port_count gte 2; driver_version gte 535086005
        reliability gt 0.99; num_gpus gte 4; verified eq false
        cpu_arch eq "arm64"
        geolocation notin ["XV","XZ"]"#]]
    .assert_eq(&queries.map(sent).join("\n"));
}

#[test]
fn every_spelling_of_an_operator() {
    for (written, operator) in [
        ("num_gpus=2", "eq"),
        ("num_gpus==2", "eq"),
        ("num_gpus == 2", "eq"),
        ("num_gpus eq 2", "eq"),
        ("num_gpus!=2", "neq"),
        ("num_gpus neq 2", "neq"),
        ("num_gpus noteq 2", "neq"),
        ("num_gpus not eq 2", "neq"),
        ("num_gpus>2", "gt"),
        ("num_gpus gt 2", "gt"),
        ("num_gpus >=2", "gte"),
        ("num_gpus gte 2", "gte"),
        ("num_gpus<2", "lt"),
        ("num_gpus lt 2", "lt"),
        ("num_gpus<= 2", "lte"),
        ("num_gpus lte 2", "lte"),
    ] {
        assert_eq!(sent(written), format!("num_gpus {operator} 2"), "{written}");
    }
    for (written, operator) in [
        ("num_gpus in [2]", "in"),
        ("num_gpus in 2", "in"),
        ("num_gpus notin [2]", "notin"),
        ("num_gpus nin 2,", "notin"),
        ("num_gpus not in [ 2 , ]", "notin"),
    ] {
        assert_eq!(sent(written), format!("num_gpus {operator} [2]"), "{written}");
    }
}

#[test]
fn values_by_the_kind_of_their_field() {
    for (written, value) in [
        ("dph<1.5", "dph_total lt 1.5"),
        ("dph<.5", "dph_total lt 0.5"),
        ("gpu_ram=23.5", "gpu_ram eq 23500"),
        ("dph<-0.0", "dph_total lt 0"),
        ("dph<2.0", "dph_total lt 2"),
        ("dph<1e300", "dph_total lt 1e+300"),
        ("gpu_ram=0.0005", "gpu_ram eq 0.5"),
        ("gpu_name=\"RTX_4090\"", "gpu_name eq \"RTX 4090\""),
        ("gpu_name='RTX_4090'", "gpu_name eq \"RTX_4090\""),
        (r"mobo_name='it\'s \\ one'", r#"mobo_name eq "it's \\ one""#),
        ("ubuntu_version=22.04", "ubuntu_version eq \"22.04\""),
        ("driver_version>=535", "driver_version gte 535000000"),
        ("driver_version>=535.86", "driver_version gte 535086000"),
        ("driver_version>=535086005", "driver_version gte 535086005"),
        ("gpu_display_active!=true", "gpu_display_active neq true"),
        ("has_avx=1", "has_avx eq true"),
        ("external=None", "external eq null"),
        ("verified=any rentable=* rented=?", "verified any; rentable any; rented any"),
        ("num_gpus>=2, num_gpus<=8", "num_gpus gte 2; num_gpus lte 8"),
        ("geolocation=Österreich", "geolocation eq \"Österreich\""),
        ("", ""),
        (" \t\n ", ""),
    ] {
        assert_eq!(sent(written), value, "{written}");
    }
}

#[test]
fn errors_point_at_the_character() {
    let queries = [
        "gpu_nmae=RTX_4090",
        "num_gpus=1 id=501",
        "num_gpus=>2",
        "num_gpus ~2",
        "num_gpus",
        "num_gpus about 2",
        "num_gpus not 2",
        "num_gpus>=",
        "dph>=2 num_gpus>=,",
        "num_gpus>=two",
        "num_gpus>=1e999",
        "num_gpus>=inf",
        "verified=maybe",
        "verified>true",
        "driver_version>=535.x",
        "geolocation=[SE]",
        "geolocation in [SE, NO",
        "geolocation in []",
        "geolocation in [\"SE\" NO]",
        "num_gpus in [1, two]",
        "gpu_name=\"RTX 4090",
        "gpu_name=\"RTX 4090\"dph<1",
        "num_gpus>=2dph<1",
        "num_gpus!=any",
        "num_gpus>=2 num_gpus>=4",
        "geolocation=Österreich (x)",
        "gpu_name=\"\"",
        "gpu_name=_",
        "dph<1\n&& num_gpus=2",
    ];
    expect![[r#"
        `gpu_nmae` is not a field of offers; did you mean `gpu_name`?
          gpu_nmae=RTX_4090
          ^
        a search by `id` finds nothing; use `ask_contract_id`, which has the same number
          num_gpus=1 id=501
                     ^
        `=>` is not an operator; operators are =, !=, <, <=, >, >=, in, notin
          num_gpus=>2
                  ^
        `~` is not an operator; operators are =, !=, <, <=, >, >=, in, notin
          num_gpus ~2
                   ^
        an operator is missing after `num_gpus`; operators are =, !=, <, <=, >, >=, in, notin
          num_gpus
                  ^"#]]
    .assert_eq(&queries[..5].iter().map(|query| refused(query)).collect::<Vec<_>>().join("\n"));
    expect![[r#"
        `about` is not an operator; operators are =, !=, <, <=, >, >=, in, notin
          num_gpus about 2
                   ^
        `not` goes with `in` and `eq`
          num_gpus not 2
                   ^
        a value for `num_gpus` is missing
          num_gpus>=
                    ^
        a value for `num_gpus` is missing
          dph>=2 num_gpus>=,
                           ^
        `num_gpus` takes a number, not `two`
          num_gpus>=two
                    ^
        `num_gpus` takes a number, not `1e999`
          num_gpus>=1e999
                    ^
        `num_gpus` takes a number, not `inf`
          num_gpus>=inf
                    ^
        `verified` takes true or false, not `maybe`
          verified=maybe
                   ^
        `verified` takes `=` and `!=`, not `>`
          verified>true
                   ^
        `driver_version` takes a version such as 535.86.05, not `535.x`
          driver_version>=535.x
                          ^
        a list goes with `in` and `notin`
          geolocation=[SE]
                      ^
        this list has no end: `]` is missing
          geolocation in [SE, NO
                         ^
        the list is empty
          geolocation in []
                         ^
        a comma is missing here
          geolocation in ["SE" NO]
                               ^
        `num_gpus` takes a number, not `two`
          num_gpus in [1, two]
                          ^
        this quote is not closed
          gpu_name="RTX 4090
                   ^
        a space is missing here
          gpu_name="RTX 4090"dph<1
                             ^
        this cannot stand in a value without quotes; is a space missing before it?
          num_gpus>=2dph<1
                        ^
        any value goes with `=` alone
          num_gpus!=any
                  ^
        `num_gpus` has a second condition with `>=`
          num_gpus>=2 num_gpus>=4
                      ^
        the name of a field is expected here
          geolocation=Österreich (x)
                                 ^
        `gpu_name` takes a value, and this is an empty one
          gpu_name=""
                   ^
        `gpu_name` takes a value, and this is an empty one
          gpu_name=_
                   ^
        the name of a field is expected here
          dph<1 && num_gpus=2
                ^"#]]
    .assert_eq(&queries[5..].iter().map(|query| refused(query)).collect::<Vec<_>>().join("\n"));
    let error = "ö".parse::<Query>().unwrap_err();
    assert_eq!((error.position(), error.message()), (0, "the name of a field is expected here"));
    let error: vastai::Error = "num_gpus".parse::<Query>().unwrap_err().into();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.message().ends_with("^"), "{error}");
}

#[test]
fn a_printed_query_is_in_the_units_that_it_is_read_in() {
    for (written, printed) in [
        ("gpu_ram>=24 duration>2.5", "gpu_ram>=24 duration>2.5"),
        ("dph<1", "dph_total<1"),
        ("driver_version>=535.86.5", "driver_version>=535.86.05"),
        ("gpu_name in [\"RTX 4090\",'A_B']", "gpu_name in [RTX_4090,'A_B']"),
        ("verified=any", "verified=any"),
        ("gpu_name='any'", "gpu_name='any'"),
        ("gpu_name!=null", "gpu_name!=null"),
    ] {
        assert_eq!(written.parse::<Query>().unwrap().to_string(), printed);
    }
}

/// A comparison in words that may or may not be one.
fn comparison() -> impl Strategy<Value = String> {
    let field = prop::sample::select(vec![
        "gpu_name",
        "num_gpus",
        "gpu_ram",
        "duration",
        "verified",
        "driver_version",
        "dph",
        "mobo_name",
        "allocated",
    ]);
    let operator = prop::sample::select(vec!["=", "!=", "<", ">=", " in ", " notin ", " not eq ", "~"]);
    let value = prop_oneof![
        "[A-Za-z0-9_.]{1,8}",
        "[0-9]{1,4}(\\.[0-9]{1,6})?",
        "\"[^\"]{0,8}\"",
        "'[^'\\\\]{0,8}'",
        "\\[[A-Z0-9_., ]{0,12}\\]",
        Just("true".to_owned()),
        Just("null".to_owned()),
        Just("any".to_owned()),
        "[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}",
    ];
    (field, operator, value).prop_map(|(field, operator, value)| format!("{field}{operator}{value}"))
}

proptest! {
    #[test]
    fn any_string_is_a_query_or_an_error_with_its_place(text in "\\PC{0,60}|[a-z_=<>!\\[\\]\"' ,.0-9\\\\]{0,60}") {
        if let Err(error) = text.parse::<Query>() {
            prop_assert!(error.position() <= text.chars().count());
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn a_printed_query_is_read_as_the_same(comparisons in prop::collection::vec(comparison(), 0..5)) {
        if let Ok(query) = comparisons.join(" ").parse::<Query>() {
            let printed = query.to_string();
            let again: Query = printed.parse().map_err(|error| TestCaseError::fail(format!("{error}")))?;
            prop_assert_eq!(query, again, "{}", printed);
        }
    }

    #[test]
    fn quotes_take_any_string(text in "\\PC{1,20}") {
        prop_assume!(!text.trim().is_empty());
        let written = format!("mobo_name='{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
        let query: Query = written.parse().unwrap();
        prop_assert_eq!(&query.conditions().next().unwrap().value, &json!(text));
        prop_assert_eq!(query.to_string().parse::<Query>().unwrap(), query);
    }
}
