"""Reads rigs with pyasic and asic-rs and prints what each makes of them, one line of JSON a rig and tool.

Addresses come one a line on standard input. Units: TH/s, W, degrees Celsius, rpm.
"""

import asyncio
import json
import sys
import warnings

warnings.filterwarnings("ignore")

RIG_TIMEOUT_S = 40
AT_ONCE = 6


def plain(value):
    """A number of a class that wraps one."""
    return None if value is None else float(value)


def rate_ths(rate):
    """A hashrate of pyasic in TH/s, whatever unit its algorithm prefers."""
    if rate is None:
        return None
    return float(rate.rate) * float(rate.unit.value) / 1e12


async def pyasic_reads(address):
    import pyasic

    miner = await pyasic.get_miner(address)
    if miner is None:
        return None
    # Not the whole of its data: one field that cannot be had would cost all of them.
    wanted = ["mac", "fw_ver", "hashrate", "wattage", "fans", "hashboards", "pools"]
    try:
        data = await miner.get_data(include=wanted)
    except pyasic.errors.APIError:
        data = pyasic.MinerData(ip=address, device_info=miner.device_info)
        for name in wanted:
            try:
                setattr(data, name, await getattr(miner, f"get_{name}")())
            except Exception:  # One field less.
                continue
    boards = [board for board in data.hashboards or [] if not board.missing]
    return {
        "make": data.make,
        "model": data.model,
        "firmware": data.firmware,
        "version": data.fw_ver,
        "mac": data.mac,
        "hashrateThs": rate_ths(data.hashrate),
        "powerW": plain(data.wattage),
        "fansRpm": [plain(fan.speed) for fan in data.fans or [] if fan.speed is not None],
        "boardTempsC": [plain(board.temp) for board in boards if board.temp is not None],
        "chipTempsC": [plain(board.chip_temp) for board in boards if board.chip_temp is not None],
        "pools": [str(pool.url) for pool in data.pools or [] if pool.url is not None],
    }


async def asic_rs_reads(address):
    from pyasic_rs import MinerFactory

    miner = await MinerFactory().get_miner(address)
    if miner is None:
        return None
    data = await miner.get_data()
    told = data.model_dump()
    device = told.get("device_info") or {}
    rate = told.get("hashrate")
    boards = told.get("hashboards") or []
    pools = []
    for group in told.get("pools") or []:
        for pool in group.get("pools", [group]):
            url = pool.get("url")
            if isinstance(url, dict):
                url = f"{url.get('host')}:{url.get('port')}"
            if url:
                pools.append(str(url))
    return {
        "make": device.get("make"),
        "model": device.get("model"),
        "firmware": device.get("firmware"),
        "version": told.get("firmware_version"),
        "mac": told.get("mac"),
        "hashrateThs": None if rate is None else rate["value"] * UNITS_THS[rate["unit"]],
        "powerW": told.get("wattage"),
        "fansRpm": [fan["rpm"] for fan in told.get("fans") or [] if fan.get("rpm") is not None],
        "boardTempsC": [b["board_temperature"] for b in boards if b.get("board_temperature") is not None],
        "chipTempsC": [t for b in boards for t in (b.get("outlet_chip_temperature"), b.get("inlet_chip_temperature")) if t is not None],
        "pools": pools,
    }


UNITS_THS = {
    "H/s": 1e-12,
    "KH/s": 1e-9,
    "MH/s": 1e-6,
    "GH/s": 1e-3,
    "TH/s": 1,
    "PH/s": 1e3,
    "KSol/s": 1e-9,
}

READERS = {"pyasic": pyasic_reads, "asic-rs": asic_rs_reads}


async def read(tool, address, gate):
    async with gate:
        try:
            return await asyncio.wait_for(READERS[tool](address), RIG_TIMEOUT_S), None
        except Exception as error:  # A reader that fails is a finding like any other.
            return None, f"{type(error).__name__}: {error}"


async def main():
    addresses = [line.strip() for line in sys.stdin if line.strip()]
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(tool, address):
        reading, failure = await read(tool, address, gate)
        print(json.dumps({"tool": tool, "address": address, "reading": reading, "failure": failure}, default=str), flush=True)

    await asyncio.gather(*(one(tool, address) for address in addresses for tool in READERS))


asyncio.run(main())
