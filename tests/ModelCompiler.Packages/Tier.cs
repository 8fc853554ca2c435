namespace ModelCompiler.Packages;

/// <summary>How much is tried: a part of everything under <c>dotnet test</c>, all of it by build/packages-full.sh.</summary>
internal static class Tier
{
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("MODELCOMPILER_PACKAGES_FULL") == "1";

    public static T Of<T>(T quick, T full) => IsFull ? full : quick;
}
