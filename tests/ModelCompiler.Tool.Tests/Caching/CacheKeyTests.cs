using ModelCompiler.Tool.Caching;
using ModelCompiler.Tool.Inspection;
using ModelCompiler.Tool.Settings;
using Xunit;

namespace ModelCompiler.Tool.Tests.Caching;

/// <summary>What was measured on one processor, or laid out for it, is not handed out on another.</summary>
public sealed class CacheKeyTests
{
    private static readonly CpuReport One = new("One", "X64", 4, ["AVX2"]);
    private static readonly CpuReport Other = One with { Model = "Other" };
    private static readonly CpuReport Newer = One with { Features = ["AVX2", "AVX512_VNNI"] };

    [Theory]
    [InlineData("MaxLatencyRatio", "0.8", false)]
    [InlineData("TargetCpu", "Native", false)]
    [InlineData("TargetCpu", "Amx", false)]
    [InlineData("TargetCpu", "Avx2", true)]
    [InlineData("MaxSizeMB", "5", true)]
    public void Processors_share_what_promises_nothing_about_them(string name, string value, bool isShared)
    {
        Assert.Equal(Key(name, value, One), Key(name, value, One with { Cores = 8 }));
        Assert.Equal(isShared, Key(name, value, One) == Key(name, value, Other));
        Assert.Equal(isShared, Key(name, value, One) == Key(name, value, Newer));
    }

    private static string Key(string name, string value, CpuReport cpu) =>
        CacheKey.Of("m", SettingReader.Read(new Dictionary<string, string> { [name] = value }, "/", []), [], cpu);
}
