//! Whose a group is.

use std::sync::Arc;

use super::*;
use crate::group::{Account, Adoption, Owner};
use crate::plan::{Claim, NotYours};

const SHOP: &str = "/home/alice/shop";
const COPY: &str = "/home/alice/copy";

fn account(machine: &str, user: u32) -> Account {
    let name = format!("{}@{machine}", if user == 1000 { "alice" } else { "bob" });
    Account { machine: machine.to_owned(), user, name }
}

fn alice() -> Account {
    account("laptop", 1000)
}

/// Alice's claim; of her directories those are there whose path does not begin with `/gone`.
fn claim(project: &str) -> Claim {
    Claim::new(alice(), project, Arc::new(|directory| !directory.starts_with("/gone")))
}

fn adoption(by: &Owner, of: Option<&Owner>) -> Adoption {
    Adoption { by: by.known(), of: of.map(Owner::known), moved: false }
}

/// A claim where this machine remembers that these projects of Alice's have what an earlier version made.
fn remembering(claim: Claim, projects: &[&str]) -> Claim {
    claim.remembering(projects.iter().map(|project| adoption(&alice().owner(project), None)).collect())
}

/// A group of two containers and a network, each made by one of these.
fn made_by(owners: [Option<Owner>; 3]) -> Observed {
    let mut found = observed(vec![container(&service("db", &[])), container(&service("web", &[]))]);
    let [db, web, network] = owners;
    (found.containers[0].owner, found.containers[1].owner, found.networks[0].owner) = (db, web, network);
    found
}

fn all_by(owner: &Owner) -> Observed {
    made_by([Some(owner.clone()), Some(owner.clone()), Some(owner.clone())])
}

/// What is to be remembered: who has what of whom.
fn check(claim: &Claim, found: &Observed) -> Result<Vec<String>, NotYours> {
    let adoptions = claim.check(&GroupName::new("g").unwrap(), found)?;
    let text = |Adoption { by, of, moved }: &Adoption| {
        let of = of.as_ref().map_or("the unlabelled", |of| &of.directory);
        format!("{} has {of}{}", by.directory, if *moved { ", which has moved" } else { "" })
    };
    Ok(adoptions.iter().map(text).collect())
}

#[test]
fn what_nothing_is_left_of_is_anybodys() {
    assert_eq!(check(&claim(SHOP), &Observed::default()), Ok(vec![]));
    // Nor does what this machine remembers of it stand in the way.
    assert_eq!(check(&remembering(claim(SHOP), &[COPY]), &Observed::default()), Ok(vec![]));
}

#[test]
fn a_group_is_the_projects_that_made_it_from_whichever_state_directory() {
    let found = all_by(&alice().owner(SHOP));
    assert_eq!(check(&claim(SHOP), &found), Ok(vec![]));
    // By its number and directory, whatever account and machine are called.
    let renamed = Account { name: "alice@desktop".to_owned(), ..alice() };
    assert_eq!(check(&Claim::new(renamed, SHOP, Arc::new(|_| true)), &found), Ok(vec![]));
}

#[test]
fn another_directory_user_or_machine_is_refused_with_the_owner_and_what_to_say() {
    for (other, shown) in [
        (alice().owner(COPY), "the project in /home/alice/copy of alice@laptop"),
        (account("laptop", 1001).owner(SHOP), "the project in /home/alice/shop of bob@laptop"),
        (account("server", 1000).owner(SHOP), "the project in /home/alice/shop of alice@server"),
    ] {
        let text = check(&claim(SHOP), &all_by(&other)).unwrap_err().to_string();
        assert_eq!(
            text,
            format!(
                "group g belongs to {shown} (container g-db is labelled so), and the definitions in {SHOP} use the same \
                 group name; use --group g if this is the same group, or --group with another name for a separate one"
            )
        );
    }
}

#[test]
fn one_thing_of_somebody_elses_is_enough() {
    let (mine, theirs) = (alice().owner(SHOP), account("laptop", 1001).owner(COPY));
    let owners = |at: usize| {
        let mut owners = [Some(mine.clone()), Some(mine.clone()), Some(mine.clone())];
        owners[at] = Some(theirs.clone());
        made_by(owners)
    };
    for (at, evidence) in ["container g-db", "container g-web", "network drillmaster-g"].into_iter().enumerate() {
        assert_eq!(check(&claim(SHOP), &owners(at)).unwrap_err().evidence, evidence);
    }
}

#[test]
fn a_person_who_names_the_group_has_it_and_need_not_say_so_again() {
    let (mine, theirs) = (alice().owner(SHOP), account("server", 1001).owner(COPY));
    let found = all_by(&theirs);
    assert_eq!(check(&claim(SHOP).named(true), &found), Ok(vec![format!("{SHOP} has {COPY}")]));
    let remembered = || [adoption(&mine, Some(&theirs))].into();
    assert_eq!(check(&claim(SHOP).remembering(remembered()), &found), Ok(vec![]));
    assert_eq!(check(&claim(SHOP).remembering(remembered()).named(true), &found), Ok(vec![]));
    // That it is this project's says nothing for a third one, nor for what somebody else has made since, nor the other way
    // round.
    assert!(check(&claim("/home/alice/third").remembering(remembered()), &found).is_err());
    assert!(check(&claim(SHOP).remembering(remembered()), &all_by(&alice().owner("/home/alice/third"))).is_err());
    let back = Claim::new(account("server", 1001), COPY, Arc::new(|_| true)).remembering(remembered());
    assert!(check(&back, &all_by(&mine)).is_err());
}

#[test]
fn a_project_whose_directory_is_gone_has_lost_its_group_to_the_same_account_and_to_nobody_else() {
    let moved = alice().owner("/gone/shop");
    assert_eq!(check(&claim(SHOP), &all_by(&moved)), Ok(vec![format!("{SHOP} has /gone/shop, which has moved")]));
    for other in [account("laptop", 1001).owner("/gone/shop"), account("server", 1000).owner("/gone/shop")] {
        assert!(check(&claim(SHOP), &all_by(&other)).is_err(), "{other}");
    }
    // A label that names a directory which is not there makes nothing this account's.
    let forged = Owner { project: "/gone/shop".to_owned(), ..account("laptop", 1001).owner(COPY) };
    assert!(check(&claim(SHOP), &all_by(&forged)).is_err());
}

#[test]
fn what_comes_to_the_old_place_of_a_project_that_has_moved_does_not_get_its_group() {
    let (old, new) = (alice().owner(COPY), alice().owner(SHOP));
    let moved = |by: &Owner| [Adoption { moved: true, ..adoption(by, Some(&old)) }].into();
    let kept = all_by(&old);
    let some_made_anew = made_by([Some(old.clone()), Some(new.clone()), Some(old.clone())]);
    for found in [&kept, &some_made_anew] {
        let refused = check(&claim(COPY).remembering(moved(&new)), found).unwrap_err();
        assert_eq!(refused.evidence, "container g-db");
        assert_eq!(refused.other, format!("the project in {SHOP}, which moved there from here"));
        assert_eq!(check(&claim(SHOP).remembering(moved(&new)), found), Ok(vec![]));
        assert!(check(&claim(COPY).remembering(moved(&new)).named(true), found).is_ok());
    }
    // It can move back.
    assert_eq!(check(&claim(COPY).remembering(moved(&alice().owner("/gone/shop"))), &kept), Ok(vec![]));
    // Where a person said that it is another one's too, it stays the first one's.
    let said = [adoption(&new, Some(&old))].into();
    assert_eq!(check(&claim(COPY).remembering(said), &kept), Ok(vec![]));
}

#[test]
fn what_an_earlier_version_made_is_whose_this_machine_remembers_it_to_be() {
    let found = made_by([None, None, None]);
    assert_eq!(check(&claim(SHOP), &found), Ok(vec![format!("{SHOP} has the unlabelled")]), "nobody had it");
    assert_eq!(check(&remembering(claim(SHOP), &[SHOP, COPY]), &found), Ok(vec![]));
    let refused = check(&remembering(claim(SHOP), &[COPY]), &found).unwrap_err();
    assert_eq!(refused.other, format!("the project in {COPY}"));
    let had = || Ok(vec![format!("{SHOP} has the unlabelled")]);
    assert_eq!(check(&remembering(claim(SHOP), &["/gone/shop"]), &found), had());
    assert_eq!(check(&remembering(claim(SHOP), &[COPY]).named(true), &found), had());
}

#[test]
fn what_is_foreign_says_nothing_of_whose_the_group_is() {
    let mut found = all_by(&alice().owner(SHOP));
    found.foreign.push(crate::plan::Foreign {
        what: "container",
        name: "look".to_owned(),
        why: crate::plan::NotOurs::LabelsOfImage,
        volumes: BTreeSet::new(),
    });
    assert_eq!(check(&claim(SHOP), &found), Ok(vec![]));
    let said = crate::plan::left_alone(&GroupName::new("g").unwrap(), &found.foreign);
    assert_eq!(said, "left alone, although labelled with group g: container look (its labels come from its image)");
    let many: Vec<_> = std::iter::repeat_n(found.foreign.remove(0), 25).collect();
    assert!(crate::plan::left_alone(&GroupName::new("g").unwrap(), &many).ends_with(" and 5 more"));
}
