"""Small real files of every shape of indicator: put through vault, build and metrics, and published."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from flows.assess.score_years import score_year
from flows.contract.paths import Paths
from flows.database.connect import open_build
from flows.metrics.refresh import measure
from flows.warehouse.publish import swap_in
from tests.support.scheme import assessed
from tests.support.world import HEADER, World, case

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def citizen(number: int) -> str:
    """A made-up citizen ID with a correct check digit and a division code that nobody was born in."""
    digits = f"11010119800101{number:03d}"
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=True)) % 11]


def publish(paths: Paths) -> None:
    """Metrics of the build, and a copy of it in place of the warehouse."""
    measure(paths)
    swap_in(paths.build_file(), paths.warehouse_file())


def copied(paths: Paths, folder: Path) -> Paths:
    """A data folder of its own with the vault, the build and the warehouse of another."""
    shutil.copytree(paths.vault, folder / "vault")
    shutil.copytree(paths.warehouse, folder / "warehouse")
    return Paths(folder)


def fill(folder: Path) -> World:
    """A data folder with a few files of 2011 to 2016; what is in them is said beside the tests."""
    world = World(folder)

    def put(day: str, name: str, *lines: str, sender: str = "永川区总工会", header: str = HEADER) -> None:
        world.write(name, *lines, sender=f"{day}/{sender}", header=header)

    put("2011-11-20", "2011年1-10月调解台账.csv", case(1, "2011-03-01", "2011-03-20"), sender="綦江县总工会")
    put("2012-01-20", "2011年调解台账.csv", case(9, "2011-12-05", "2011-12-20"), sender="綦江区总工会")
    put(
        "2015-01-20",
        "2014年调解台账.csv",
        case(7, "2014-12-20", "2015-01-07"),
        case(8, "2014-05-01", "2014-05-20"),
    )
    put("2016-01-05", "2015年调解台账.csv", case(1), case(20))
    put("2016-01-06", "2015年3月调解台账.csv", case(30))
    put(
        "2016-02-05",
        "2015年调解台账.csv",
        case(1),
        case(2),
        case(3),
        case(4, closed="2015-02-30"),
        case(1),
        case(5, result="撤回"),
        case(6, "2015-12-20", "2016-01-10"),
    )
    put("2016-02-06", "2015年第一季度调解台账.csv", case(3, paid="3500"), case(40))
    put("2015-04-20", "会员名册20150331.csv", f"甲,{citizen(1)},2010-05", header="姓名,身份证号,入会时间")
    put(
        "2015-10-20",
        "会员名册20150930.csv",
        f"甲,{citizen(1)},2010-05,",
        f"乙,{citizen(2)},2011-06,",
        "丙,,2012-07,",
        f"乙,{citizen(2)},2011-06,",
        f"丁,{citizen(3)},2011-06,转出",
        header="姓名,身份证号,入会时间,会籍变化",
    )
    put(
        "2016-01-10",
        "截至2015年12月31日应建会单位台账.csv",
        "甲公司,是,是",
        "乙公司,是,否",
        "丙公司,是,是",
        "丁公司,否,否",
        header="单位名称,是否应建会,是否建会",
    )
    put(
        "2016-01-11",
        "2015年金秋助学台账.csv",
        f"子,{citizen(11)},某大学,本科,2015,2015-08-20,工会经费",
        f"子,{citizen(11)},某大学,本科,2015,2015-09-20,社会捐助",
        f"丑,{citizen(12)},某学院,专科,2015,2015-08-20,工会经费",
        f"寅,{citizen(13)},某中学,高中,2015,2015-08-20,工会经费",
        header="学生姓名,学生身份证号,就读学校,院校层次,资助年度,发放日期,资金来源",
    )
    put(
        "2016-01-12",
        "截至2015年12月31日困难职工档案.csv",
        f"甲,{citizen(1)},相对困难,3",
        f"乙,{citizen(2)},相对困难,2",
        header="姓名,身份证号,困难类别,家庭人口",
    )
    put(
        "2016-01-13",
        "2015年送温暖慰问台账.csv",
        f"2015-01-20,困难职工,甲,{citizen(1)},500",
        f"2015-09-20,困难职工,甲,{citizen(1)},600",
        f"2015-01-20,困难职工,戊,{citizen(5)},500",
        header="慰问日期,慰问类别,姓名,身份证号,慰问金",
    )
    put(
        "2016-01-14",
        "2015年文体活动台账.csv",
        "第三届职工艺术节开幕式,艺术节,区级,第三届,2015-09-01",
        "第三届职工艺术节闭幕式,艺术节,区级,3,2015-10-01",
        "电影进厂区,电影,区级,,2015-06-01",
        header="活动名称,活动类别,层级,届次,活动日期",
    )
    put(
        "2016-01-15",
        "2015年历年考核结果.csv",
        *(
            f"永川区,{y},{g},{y + 1}-02-20"
            for y, g in (
                (2010, "一等奖"),
                (2011, "特等奖"),
                (2012, "特等奖"),
                (2013, "特等奖"),
                (2014, "特等奖"),
            )
        ),
        sender="重庆市总工会",
        header="单位,考核年度,等次,通报日期",
    )
    put(
        "2016-01-16",
        "2015年集体合同台账.csv",
        "综合,甲公司,2015-01-05,2015-01-05,2017-12-31",
        "综合,乙公司,2015-01-05,2015-01-05,2015-06-30",
        header="合同类型,签订方,签订日期,有效期起,有效期止",
    )
    put("2016-01-17", "2015年法律援助台账.csv", header="援助案号,申请日期,援助方式,标的额")
    world.take_in("2016-03-01")
    [withdrawn] = [d for d in world.vault.deliveries() if d.name == "2015年3月调解台账.csv"]
    world.vault.withdraw(withdrawn.delivery_id, "误报", datetime(2016, 3, 2))
    world.build()
    publish(world.paths)
    return world


def judge(world: World, root: Path) -> None:
    """What the office recorded about Yongchuan's 2015, and the year scored by the scheme below `root`."""

    def put(name: str, header: str, *lines: str) -> None:
        world.write(name, *lines, sender="2016-02-20/重庆市总工会", header=header)

    put(
        "2015年核定数.csv",
        "单位,考核年度,考核指标,自报数,核定数,核定日期,核定说明,文号",
        "永川区,2015,成功调解劳动争议案件,5,4,2016-02-01,一件重复,样例〔2016〕5号",
    )
    put(
        "2015年抽查通报.csv",
        "单位,考核年度,考核指标,抽查日期,核减数,核减原因,文号",
        "永川区,2015,mediation_succeeded,2016-02-10,1,一件无协议书,样例〔2016〕6号",
        "永川区,2015,调解兑现金额,2016-02-10,500,金额不实,样例〔2016〕6号",
    )
    put(
        "2015年申诉裁定.csv",
        "单位,考核年度,考核项目,考核指标,申诉日期,裁定,裁定日期,裁定数,裁定分值,裁定文号",
        "永川区,2015,组建,unionisation_rate,2016-02-11,支持,2016-02-12,0.75,,样例〔2016〕7号",
        "永川区,2015,助学,,2016-02-11,支持,2016-02-12,,9.5,样例〔2016〕8号",
    )
    put(
        "2015年度测评打分表.csv",
        "单位,考核年度,考核项目,评分人,评分主体,得分,满分",
        *(
            f"{unit.short_name},2015,综合评价,{who},领导评分,{points},100"
            for unit in assessed()
            for who, points in (("赵某", 90), ("钱某", 80))
        ),
    )
    world.take_in("2016-03-05")
    world.build()
    measure(world.paths)
    with open_build(world.paths) as con:
        score_year(con, 2015, root)
    swap_in(world.paths.build_file(), world.paths.warehouse_file())
