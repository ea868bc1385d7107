//! Whose a group is.

use std::sync::Arc;

use super::*;
use crate::group::{Account, KnownProject, Owner};
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

fn remembering(claim: Claim, projects: &[&str]) -> Claim {
    claim.remembering(projects.iter().map(|project| alice().owner(project).known()).collect())
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

/// What is to be remembered: the directories.
fn check(claim: &Claim, found: &Observed) -> Result<Vec<String>, NotYours> {
    let remembered = claim.check(&GroupName::new("g").unwrap(), found)?;
    Ok(remembered.into_iter().map(|known: KnownProject| known.directory).collect::<BTreeSet<_>>().into_iter().collect())
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
                "group g belongs to {shown}, as container g-db says, and the definitions in {SHOP} name theirs so too: \
                 --group g if they are one, --group and another name if they are not"
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
    let theirs = account("server", 1001).owner(COPY);
    let found = all_by(&theirs);
    assert_eq!(check(&claim(SHOP).named(true), &found), Ok(vec![COPY.to_owned(), SHOP.to_owned()]));
    let known = claim(SHOP).remembering([theirs.known(), alice().owner(SHOP).known()].into());
    assert_eq!(check(&known, &found), Ok(vec![]));
    // That somebody has it says nothing for a third one, nor for one of which it is not remembered.
    let third = claim("/home/alice/third").remembering([theirs.known(), alice().owner(SHOP).known()].into());
    assert!(check(&third, &found).is_err());
    assert!(check(&claim(SHOP).remembering([alice().owner(SHOP).known()].into()), &found).is_err());
}

#[test]
fn a_project_whose_directory_is_gone_has_lost_its_group_to_the_same_account_and_to_nobody_else() {
    let moved = alice().owner("/gone/shop");
    assert_eq!(check(&claim(SHOP), &all_by(&moved)), Ok(vec!["/gone/shop".to_owned(), SHOP.to_owned()]));
    for other in [account("laptop", 1001).owner("/gone/shop"), account("server", 1000).owner("/gone/shop")] {
        assert!(check(&claim(SHOP), &all_by(&other)).is_err(), "{other}");
    }
    // A label that names a directory which is not there makes nothing this account's.
    let forged = Owner { project: "/gone/shop".to_owned(), ..account("laptop", 1001).owner(COPY) };
    assert!(check(&claim(SHOP), &all_by(&forged)).is_err());
}

#[test]
fn what_an_earlier_version_made_is_whose_this_machine_remembers_it_to_be() {
    let found = made_by([None, None, None]);
    assert_eq!(check(&claim(SHOP), &found), Ok(vec![SHOP.to_owned()]), "nobody has it");
    assert_eq!(check(&remembering(claim(SHOP), &[SHOP, COPY]), &found), Ok(vec![]));
    let refused = check(&remembering(claim(SHOP), &[COPY]), &found).unwrap_err();
    assert_eq!(refused.other, format!("the project in {COPY}"));
    let released = remembering(claim(SHOP), &["/gone/shop"]);
    assert_eq!(check(&released, &found), Ok(vec![SHOP.to_owned()]));
    assert_eq!(check(&remembering(claim(SHOP), &[COPY]).named(true), &found), Ok(vec![SHOP.to_owned()]));
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
    assert_eq!(
        said,
        "left alone, though it is labelled as group g's: container look (it has its labels from its image)"
    );
    let many: Vec<_> = std::iter::repeat_n(found.foreign.remove(0), 25).collect();
    assert!(crate::plan::left_alone(&GroupName::new("g").unwrap(), &many).ends_with(" and 5 more"));
}
