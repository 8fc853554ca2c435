using Xunit;

namespace ModelCompiler.Packages;

/// <summary>How much is tried: a part of everything under <c>dotnet test</c>, all of it by build/packages-full.sh.</summary>
internal static class Tier
{
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("MODELCOMPILER_PACKAGES_FULL") == "1";

    /// <summary>A line for the summary of the full run.</summary>
    public static void Count(string line) => TestContext.Current.TestOutputHelper?.WriteLine("count: " + line);

    public static T Of<T>(T quick, T full) => IsFull ? full : quick;
}
